import { cloudName, ownerLabels, ownerOf } from '../../schemas/owner.ts';
import type { CreateRequest } from '../../schemas/provider.ts';
import type { Goal } from '../course/goal.ts';
import { type Labels, mergedLabels, PROTECTED_LABEL, userLabels } from '../transport/labels.ts';
import { fault } from './faults.ts';

/** What we remember in labels because Hetzner tells it nowhere. */
export const MEMO = {
  /** The zone as it was written: networks and subnets have none, or a wider one. */
  zone: 'provisioning/zone',
  /** The subnet that a server was made for and has yet to be attached to; gone when it is finished. */
  unfinished: 'provisioning/unfinished',
  /** The server is stopped for a change and started again after it; holds the size that it gets, or `group`. */
  restart: 'provisioning/restart',
  /** Ids of the keys that it was made with. */
  sshKeys: 'provisioning/ssh-keys',
  /** Range of the subnet that a load balancer was asked to be in. */
  subnet: 'provisioning/subnet',
  /** Ports of a load balancer's services in the order in which they were written. */
  ports: 'provisioning/ports',
} as const;

/** The labels of a new object. */
export function newLabels(request: CreateRequest, memo: Labels = {}): Labels {
  const own = userLabels(request.spec);
  for (const [key, value] of Object.entries(own)) admit(key, value, `create ${request.kind}`);
  return {
    ...own,
    ...memo,
    ...ownerLabels(request.owner),
    ...(request.protect ? { [PROTECTED_LABEL]: 'true' } : {}),
  };
}

/** Hetzner's own rule for values: letters and digits at both ends. */
function admit(key: string, value: string, what: string): void {
  if (/^(?:[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?)?$/.test(value)) return;
  const why = `the label ${key} holds what Hetzner Cloud does not allow: letters, digits, \`.\`, \`_\` and \`-\`, at most 63`;
  throw fault('invalid-input', 'label_value', what, { why });
}

/** The labels that an object shall have. `memo` is what we remember on it; null forgets. */
export function wantedLabels(
  current: Labels,
  goal: Goal,
  memo: { readonly [key: string]: string | null } = {},
): Labels {
  const relabel = goal.verb === 'create' || goal.fields.includes('labels');
  if (relabel) for (const [key, value] of Object.entries(userLabels(goal.spec))) admit(key, value, goal.verb);
  const merged = mergedLabels(current, { before: goal.before, spec: goal.spec, owner: goal.owner, relabel });
  const all = { ...merged, ...memo, [PROTECTED_LABEL]: goal.protect ? 'true' : null };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** An object that carries the name we gave it follows its address; one that somebody else named keeps that name. */
export function wantedName(current: { readonly name: string; readonly labels: Labels }, goal: Goal): string {
  const former = ownerOf(current.labels);
  if (former === null || former.address === '' || current.name !== cloudName(former)) return current.name;
  return cloudName(goal.owner);
}

/** Start of the keys under which a network carries the labels of one of its subnets, which can carry none: `sn-10.0.1.0-24/`. */
function subnetPrefix(range: string): string {
  return `sn-${range.replace('/', '-')}/`;
}

/** The labels of a subnet, out of those of its network. A key with a slash has it written as two underscores there. */
export function subnetLabels(network: Labels, range: string): Labels {
  const prefix = subnetPrefix(range);
  return Object.fromEntries(
    Object.entries(network)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length).replace('__', '/'), value]),
  );
}

/** The labels of a network with others for one of its subnets; null takes them all away. */
export function withSubnetLabels(network: Labels, range: string, labels: Labels | null): Labels {
  const prefix = subnetPrefix(range);
  const kept = Object.entries(network).filter(([key]) => !key.startsWith(prefix));
  const own = Object.entries(labels ?? {}).map(([key, value]) => [prefix + key.replace('/', '__'), value] as const);
  return Object.fromEntries([...kept, ...own]);
}

/** The labels of a network without those of its subnets. */
export function withoutSubnets(network: Labels): Labels {
  return Object.fromEntries(Object.entries(network).filter(([key]) => !/^sn-[0-9.]+-\d+\//.test(key)));
}

/** Ids that fit into one label of 63 characters. */
const IDS_OF_LABEL = 5;
const MOST_LABELS = 7;

function idKeys(key: string): readonly string[] {
  return Array.from({ length: MOST_LABELS }, (_, at) => (at === 0 ? key : `${key}-${at + 1}`));
}

/** Ids as labels, a few in each. */
export function idLabels(key: string, ids: readonly number[]): Labels {
  const parts = idKeys(key).map((one, at) => [one, ids.slice(at * IDS_OF_LABEL, (at + 1) * IDS_OF_LABEL).join('.')]);
  return Object.fromEntries(parts.filter(([, text]) => text !== ''));
}

/** The ids that labels hold, in the order in which they were given. */
export function idsIn(labels: Labels, key: string): readonly string[] {
  return idKeys(key).flatMap(one => (labels[one] ?? '').split('.').filter(id => id !== ''));
}
