import { cloudName, ownerLabels, ownerOf } from '../../schemas/owner.ts';
import type { CreateRequest } from '../../schemas/provider.ts';
import { type Labels, mergedLabels, PROTECTED_LABEL, userLabels } from '../transport/labels.ts';
import { fault } from './faults.ts';
import type { Goal } from './goal.ts';

/** What we remember in labels because UpCloud tells it nowhere, or only for one call for each object. */
export const MEMO = {
  image: 'provisioning/image',
  loginUser: 'provisioning/login-user',
  sshKeys: 'provisioning/ssh-keys',
  firewalls: 'provisioning/firewalls',
  /** Digest of the rule list that we put on the server. */
  rules: 'provisioning/firewall-rules',
  privateIp: 'provisioning/private-ip',
  /** What we stop it for: written before it is stopped, and gone when it runs again. */
  restart: 'provisioning/restart',
  ipRange: 'provisioning/ip-range',
  zone: 'provisioning/zone',
  /** The services of a load balancer in the order in which they were written; UpCloud has its own. */
  ports: 'provisioning/ports',
} as const;

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Labels as a map, without those that UpCloud itself puts on disks: nobody else can write such keys, and they stay. */
export function labelMap(pairs: readonly Pair[]): Labels {
  return Object.fromEntries(pairs.filter(({ key }) => !key.startsWith('_')).map(({ key, value }) => [key, value]));
}

export function labelPairs(labels: Labels): readonly Pair[] {
  return Object.entries(labels).map(([key, value]) => ({ key, value }));
}

/** The labels of a new object. */
export function newLabels(request: CreateRequest, memo: Labels = {}): Labels {
  return {
    ...userLabels(request.spec),
    ...memo,
    ...ownerLabels(request.owner),
    ...(request.protect ? { [PROTECTED_LABEL]: 'true' } : {}),
  };
}

/** The labels that an object shall have. `memo` is what we remember on it; null forgets. */
export function wantedLabels(
  current: Labels,
  goal: Goal,
  memo: { readonly [key: string]: string | null } = {},
): Labels {
  const relabel = goal.verb === 'create' || goal.fields.includes('labels');
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

/** Ids that fit into one label of 255 characters. */
const IDS_OF_LABEL = 12;
const MOST_LABELS = 3;

function idKeys(key: string): readonly string[] {
  return Array.from({ length: MOST_LABELS }, (_, at) => (at === 0 ? key : `${key}-${at + 1}`));
}

/** Ids of virtual objects as labels, without the kind that they all start with; labels that are not needed are null. */
export function idLabels(key: string, kind: string, ids: readonly string[]): { readonly [key: string]: string | null } {
  const short = ids.map(id => {
    const digest = id.startsWith(`${kind}-`) ? id.slice(kind.length + 1) : '';
    if (/^[0-9a-f]{20}$/.test(digest)) return digest;
    throw fault('invalid-input', 'not_virtual', `refer to a ${kind}`, { why: `UpCloud has no ${kind} of its own` });
  });
  const labels = idKeys(key).map((one, at): [string, string | null] => {
    const part = short.slice(at * IDS_OF_LABEL, (at + 1) * IDS_OF_LABEL);
    return [one, part.length === 0 ? null : part.join('.')];
  });
  return Object.fromEntries(labels);
}

/** The ids that labels hold, in the order in which they were given. */
export function idsIn(labels: Labels, key: string, kind: string): readonly string[] {
  return idKeys(key)
    .flatMap(one => (labels[one] ?? '').split('.'))
    .filter(id => id !== '')
    .map(id => `${kind}-${id}`);
}
