import { z } from 'zod';
import { LABEL, type Owner, cloudName, ownerLabels, ownerOf } from '../../schemas/owner.ts';
import type { Spec } from '../../schemas/resource.ts';
import { HOST_KEY_LABEL } from '../transport/host-key.ts';
import { type Labels, PROTECTED_LABEL, userLabels, withoutOwner } from '../transport/labels.ts';

/** Tags of ours that are neither the owner's nor the user's: what AWS itself would not tell about an object. */
export const TAG = {
  name: 'Name',
  protected: PROTECTED_LABEL,
  /** Of which composite object it is a part. */
  part: 'provisioning/part',
  hostKey: HOST_KEY_LABEL,
  image: 'provisioning/image',
  sshKeys: 'provisioning/ssh-keys',
  publicIp: 'provisioning/public-ip',
  /** The size before a change that still goes on. It is taken away when the server runs with the new one. */
  formerSize: 'provisioning/former-size',
  zone: 'provisioning/zone',
  /** Order in which the services of a load balancer are written. */
  order: 'provisioning/order',
} as const;

/** Tags as AWS shows them. */
export const Tags = z
  .array(z.object({ Key: z.string(), Value: z.string().nullish() }))
  .nullish()
  .transform(tags => Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value ?? ''])));

export type TagList = { readonly Key: string; readonly Value: string }[];

export function tagList(tags: Labels): TagList {
  return Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));
}

/** Labels of others and of the user. */
export function shownLabels(tags: Labels): Labels {
  const { [TAG.name]: _, ...labels } = withoutOwner(tags);
  return labels;
}

/** The tags of a new object: whose it is, what the user put on it, and what the kind must remember. */
export function newTags(
  request: { readonly owner: Owner; readonly spec: Spec; readonly protect: boolean },
  own: { readonly [tag: string]: string | undefined } = {},
): TagList {
  const { owner, spec, protect } = request;
  const remembered = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return tagList({
    ...userLabels(spec),
    ...ownerLabels(owner),
    [TAG.name]: cloudName(owner),
    ...(protect ? { [TAG.protected]: 'true' } : {}),
    ...Object.fromEntries(remembered),
  });
}

/** What to write and to take away so that the tags are as asked, and nothing else of others is touched. */
export function tagChanges(
  tags: Labels,
  goal: {
    readonly owner: Owner;
    readonly spec: Spec;
    readonly before: Spec;
    readonly protect: boolean;
    readonly relabel: boolean;
  },
): { readonly set: Labels; readonly drop: readonly string[] } {
  const wanted = goal.relabel ? userLabels(goal.spec) : {};
  const dropped = goal.relabel ? Object.keys(userLabels(goal.before)).filter(key => !(key in wanted)) : [];
  const owner = ownerLabels(goal.owner);
  const former = ownerOf(tags);
  // An object that carries the name we gave it follows its address; one that somebody else named keeps that name.
  const follows = former !== null && former.address !== '' && tags[TAG.name] === cloudName(former);
  const set = {
    ...wanted,
    ...owner,
    ...(follows ? { [TAG.name]: cloudName(goal.owner) } : {}),
    ...(goal.protect ? { [TAG.protected]: 'true' } : {}),
  };
  const drop = [
    ...dropped,
    ...(goal.protect ? [] : [TAG.protected]),
    ...(owner[LABEL.address] === undefined ? [LABEL.address] : []),
  ];
  return {
    set: Object.fromEntries(Object.entries(set).filter(([key, value]) => tags[key] !== value)),
    drop: drop.filter(key => key in tags),
  };
}
