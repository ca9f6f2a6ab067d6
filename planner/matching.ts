import type { RecordedObject } from '../schemas/checkpoint.ts';
import { type Address, kindOf } from '../schemas/name.ts';
import type { Finding } from '../schemas/plan.ts';
import type { Resource } from '../schemas/resource.ts';
import type { Workspace } from '../schemas/workspace.ts';
import { byText } from './sort.ts';

/** A record and the address it has in the files now. */
export interface Held {
  readonly record: RecordedObject;
  /** The address it was recorded under, where the files gave it another one. */
  readonly movedFrom?: Address;
}

/** Which record belongs to which resource. */
export interface Matching {
  /** By the address of today. */
  readonly held: ReadonlyMap<Address, Held>;
  /** Objects that were replaced and still have to be deleted. Sorted by key. */
  readonly deposed: readonly RecordedObject[];
  /** Records to drop without touching the object. Sorted by key. */
  readonly forgotten: readonly RecordedObject[];
  readonly findings: readonly Finding[];
  /** The address of today for an address of any time. */
  today(address: Address): Address;
}

/** Follows the renames of the files, so that a renamed resource meets its old record. */
export function matchRecords(
  workspace: Pick<Workspace, 'moved' | 'forget'>,
  resources: ReadonlyMap<Address, Resource>,
  objects: ReadonlyMap<string, RecordedObject>,
): Matching {
  const today = renames(workspace);
  const findings: Finding[] = [];
  const forget = new Set(workspace.forget.filter(address => !resources.has(address)));
  const held = new Map<Address, Held>();
  const deposed: RecordedObject[] = [];
  const forgotten: RecordedObject[] = [];
  const records = objects.size === 0 ? [] : [...objects.values()];
  for (const record of workspace.moved.length === 0 ? records : [...records].sort((a, b) => byText(a.key, b.key))) {
    const { address } = record;
    const to = today(address);
    if (record.key !== address) deposed.push(record);
    else if (forget.has(address) || forget.has(to)) forgotten.push(record);
    else if (to === address || !resources.has(to)) held.set(address, { record });
    else {
      const problem = moveProblem({ from: address, to }, resources, objects, held);
      if (problem === null) held.set(to, { record, movedFrom: address });
      else findings.push(problem);
    }
  }
  const byKey = (a: RecordedObject, b: RecordedObject) => byText(a.key, b.key);
  return { held, deposed: deposed.sort(byKey), forgotten: forgotten.sort(byKey), findings, today };
}

function renames({ moved }: Pick<Workspace, 'moved'>): (address: Address) => Address {
  if (moved.length === 0) return address => address;
  const next = new Map(moved.map(({ from, to }) => [from, to]));
  return address => {
    let at = address;
    for (let steps = 0; steps <= moved.length; steps += 1) {
      const to = next.get(at);
      if (to === undefined) return at;
      at = to;
    }
    return address;
  };
}

function moveProblem(
  move: { readonly from: Address; readonly to: Address },
  resources: ReadonlyMap<Address, Resource>,
  objects: ReadonlyMap<string, RecordedObject>,
  held: ReadonlyMap<Address, Held>,
): Finding | null {
  const { from, to } = move;
  const finding = (what: string, fix: string): Finding => ({ level: 'error', id: 'PR-MOVED', address: to, what, fix });
  if (resources.has(from)) {
    return finding(`${from} was moved to ${to}, but is still described`, `remove ${from} from the files, or the move`);
  }
  if (objects.has(to) || held.has(to)) {
    return finding(`${from} cannot move to ${to}: both are recorded`, 'remove the move, or delete one of them first');
  }
  if (kindOf(from) !== kindOf(to)) {
    return finding(`${from} cannot become ${to}: a move keeps the kind`, 'remove the move');
  }
  return null;
}
