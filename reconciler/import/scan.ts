import { blindMs } from '../../appliers/retry.ts';
import type { CapabilityOf } from '../../planner/input.ts';
import { type Existing, type LeftOut, objectKey } from '../../schemas/export/existing.ts';
import { Fault } from '../../schemas/fault.ts';
import { CloudKind, isTaskserv, type KindName, type Name } from '../../schemas/name.ts';
import {
  type CallContext,
  type KindCapability,
  type Observed,
  ProviderFault,
  type ProviderErrorClass,
} from '../../schemas/provider.ts';
import type { Ports } from '../ports.ts';
import { REQUEST_MS } from '../session.ts';
import { describedBy } from './described.ts';
import type { ImportPlace } from './place.ts';

/** Everything in an account, sorted by what import does with it. */
export interface Scan {
  /** The provider's name in the workspace file. */
  readonly provider: Name;
  readonly account: string;
  readonly capability: CapabilityOf;
  readonly observed: readonly Observed[];
  /** Objects that nobody describes yet. */
  readonly found: readonly Existing[];
  /** How many objects this workspace describes or records already. */
  readonly known: number;
  readonly leftOut: readonly LeftOut[];
}

/** Lists the account of one provider of the workspace. Writes nothing there. Throws Fault `denied` or `unavailable`. */
export async function scanAccount(
  ports: Ports,
  place: ImportPlace,
  options: { readonly provider: Name; readonly only: readonly CloudKind[]; readonly signal: AbortSignal },
): Promise<Scan> {
  const name = options.provider;
  const entry = place.workspace.providers[name];
  const provider = entry === undefined ? undefined : ports.providers[entry.driver];
  if (entry === undefined || provider === undefined)
    throw new Error('the loader admitted a driver that does not exist');
  const config = { ...(await ports.defaults(entry.driver, entry.config)), ...entry.config };
  const { world, fetch, secrets } = ports;
  const context: CallContext = { world, signal: options.signal, fetch, timeoutMs: REQUEST_MS };
  const connection = await patiently(context, name, () => provider.connect(context, config, secrets));
  refuseAnother(place, name, connection.account);
  const observed = await patiently(context, name, () => connection.scan(context));
  const capability: CapabilityOf = (_, kind) => provider.capability(kind, config);
  const only = new Set<KindName>(options.only);
  const wanted = observed.filter(object => only.size === 0 || only.has(object.kind));
  const { account } = connection;
  return { provider: name, account, capability, observed, ...sorted(wanted, { place, provider: name, capability }) };
}

/** In another account than the recorded one nothing could be planned. */
function refuseAnother({ recorded }: ImportPlace, provider: Name, account: string): void {
  const other = [...recorded.objects.values()].find(
    object => object.provider === provider && object.account !== account,
  );
  if (other === undefined) return;
  throw new Fault('refused', {
    id: 'PR-ACCOUNT',
    what: `${provider} is signed in to account ${account}, but its objects are recorded in ${other.account}`,
    fix: `use the credentials of account ${other.account}, or another provider entry`,
  });
}

interface Facts {
  readonly place: ImportPlace;
  readonly provider: Name;
  readonly capability: CapabilityOf;
}

function sorted(objects: readonly Observed[], facts: Facts): Pick<Scan, 'found' | 'known' | 'leftOut'> {
  const { place, provider, capability } = facts;
  const found: Existing[] = [];
  const leftOut: LeftOut[] = [];
  let known = 0;
  const { ids } = describedBy(place);
  for (const object of objects) {
    const { kind, id, name } = object;
    const parsed = CloudKind.safeParse(kind);
    const why = reasonAgainst(object, facts);
    if (ids.has(objectKey({ provider, kind, id }))) known += 1;
    else if (why !== null || !parsed.success) leftOut.push({ kind, id, name, why: why ?? 'its kind is not known' });
    else {
      const notes = notesOn(object, capability(provider, kind));
      found.push({ kind: parsed.data, provider, id, name, spec: object.spec, createdAt: object.createdAt, notes });
    }
  }
  return { found, known, leftOut };
}

/** Why an object is not described; null when it is. */
function reasonAgainst({ kind, owner, phase }: Observed, { place, provider, capability }: Facts): string | null {
  if (isTaskserv(kind)) return 'a service is described under `taskservs` of its server';
  if (owner !== null && owner.workspace === place.workspace.key && owner.lineage === place.recorded.lineage)
    return 'it carries the label of this workspace but stands in no record: look at `provisioning plan`';
  if (owner !== null) {
    const address = owner.address === '' ? 'an object' : owner.address;
    return `it is ${address} of the workspace ${owner.workspace} (lineage ${owner.lineage})`;
  }
  if (phase === 'deleting') return 'it is being deleted';
  if (phase === 'failed') return 'the cloud says that it failed';
  const offered = capability(provider, kind);
  if (offered === undefined || offered.virtual === true) return `${provider} does not offer the kind ${kind}`;
  return null;
}

function notesOn({ phase }: Observed, offered: KindCapability | undefined): string[] {
  const notes: string[] = [];
  if (phase === 'pending') notes.push('the cloud was still at work on it when it was looked at: check its fields');
  if (offered?.ownedBy === 'record')
    notes.push('this cloud cannot say whose it is: make sure that no other workspace has it');
  return notes;
}

/** How often the cloud is asked, and what is worth asking again. */
const TRIES = 6;
const PASSING: readonly ProviderErrorClass[] = ['transient', 'rate-limited', 'timeout', 'locked', 'unknown-outcome'];

/** Asks again while the cloud has a reason that passes. Only for calls that change nothing. */
async function patiently<T>(context: CallContext, provider: Name, call: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ProviderFault)) throw error;
      if (count === TRIES || !PASSING.includes(error.error.class)) throw faultOf(error, provider);
      await context.world.clock.sleep(blindMs(error.error, count), context.signal);
    }
  }
}

function faultOf({ error }: ProviderFault, provider: string): Fault {
  const isDenied = error.class === 'unauthenticated' || error.class === 'forbidden';
  return new Fault(isDenied ? 'denied' : 'unavailable', {
    id: 'PR-SCAN',
    what: `${provider} could not be looked at: ${error.message}`,
    fix: isDenied ? 'give credentials that may read the account' : 'run the same command again',
  });
}
