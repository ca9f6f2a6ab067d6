import type { Existing, LeftOut } from '../export/existing.ts';
import type { Json } from '../json.ts';
import type { Name } from '../name.ts';
import { aws } from './aws.ts';
import { hetzner } from './hetzner.ts';
import { idOf, type ProviderTable, type TypeTable, Unsure } from './reading.ts';
import type { Instance, TerraformState } from './state.ts';
import { upcloud } from './upcloud.ts';

/** Every Terraform provider of which something can be taken over. */
export const TABLES: readonly ProviderTable[] = [hetzner, aws, upcloud];

/** What a state file has, in our words, and what we have no words for. */
export interface StateFindings {
  readonly found: readonly Existing[];
  readonly leftOut: readonly LeftOut[];
}

/** Drivers of our own that the objects of a state belong to. Sorted. */
export function driversOf(state: TerraformState): string[] {
  const drivers = TABLES.filter(table => state.instances.some(({ type }) => Object.hasOwn(table.types, type)));
  return drivers.map(({ driver }) => driver).sort();
}

/** The objects of a state. `providerFor` gives the provider of the workspace for a driver, or the reason why there is none. */
export function findingsOf(
  state: TerraformState,
  providerFor: (driver: string) => { readonly provider: Name } | { readonly why: string },
): StateFindings {
  const found: Existing[] = [];
  const leftOut: LeftOut[] = [];
  for (const instance of state.instances) {
    const table = TABLES.find(({ prefix }) => instance.type.startsWith(prefix));
    if (table?.parts.includes(instance.type) === true) continue;
    const rows =
      table !== undefined && Object.hasOwn(table.types, instance.type) ? table.types[instance.type] : undefined;
    if (table === undefined || rows === undefined) {
      leftOut.push(without(instance, `there is no kind for ${instance.type}`));
      continue;
    }
    const answer = providerFor(table.driver);
    const object = 'why' in answer ? answer.why : existing(instance, { rows, provider: answer.provider, state });
    if (typeof object === 'string') leftOut.push(without(instance, object));
    else found.push(object);
  }
  return { found, leftOut };
}

function without({ address }: Instance, why: string): LeftOut {
  return { kind: 'terraform', id: address, name: address, why };
}

function existing(
  instance: Instance,
  { rows, provider, state }: { readonly rows: TypeTable; readonly provider: Name; readonly state: TerraformState },
): Existing | string {
  const notes: string[] = instance.tainted ? ['Terraform would replace it: its creation failed'] : [];
  const read = (reading: TypeTable['id']): Json | undefined => {
    const value = reading(instance, state);
    if (!(value instanceof Unsure)) return value;
    notes.push(value.note);
    return value.guess;
  };
  const said = rows.id(instance, state);
  if (said instanceof Unsure) return said.note;
  const id = idOf(said);
  if (id === undefined) return 'the state does not say its id';
  const fields = Object.entries(rows.fields).map(([field, reading]) => [field, read(reading)] as const);
  const spec = Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as Existing['spec'];
  const name = String(read(rows.name) ?? '');
  return {
    kind: rows.kind,
    provider,
    id,
    name,
    spec,
    createdAt: 0,
    notes: [...notes, `${instance.address} in Terraform`],
  };
}
