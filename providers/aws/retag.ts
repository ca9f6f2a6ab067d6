import { z } from 'zod';
import type { Account } from './account.ts';
import { type Call, ec2, elb } from './client.ts';
import type { Goal } from '../course/goal.ts';
import type { AwsKind, Sighting } from './kind.ts';
import { isProtected } from './observed.ts';
import { tagChanges, tagList } from './tags.ts';
import type { Labels } from '../transport/labels.ts';

export const Nothing = z.unknown();

/**
 * Brings the tags of an object and its parts to what is asked; false when they are so. The native protection of a
 * server goes before its tag, so that a tag that is right says that both are.
 */
export async function retag(
  call: Call,
  account: Account,
  { kind, seen, goal }: { readonly kind: AwsKind; readonly seen: Sighting; readonly goal: Goal },
): Promise<boolean> {
  const { set, drop } = tagChanges(seen.tags, { ...goal, relabel: goal.fields.includes('labels') });
  if (Object.keys(set).length === 0 && drop.length === 0) return false;
  if (goal.protect !== isProtected(seen)) await kind.guard?.(call, account, seen, goal.protect);
  const { tagger } = kind;
  if (Object.keys(set).length > 0) await putTags(call, { tagger, ids: seen.carriers, tags: set });
  if (drop.length > 0) await dropTags(call, { tagger, ids: seen.carriers, keys: drop });
  return true;
}

interface Carriers {
  readonly tagger: AwsKind['tagger'];
  readonly ids: readonly string[];
}

export async function putTags(call: Call, { tagger, ids, tags }: Carriers & { readonly tags: Labels }): Promise<void> {
  const Tags = tagList(tags);
  if (tagger === 'elb') await elb(call, 'AddTags', { ResourceArns: [...ids], Tags }, Nothing);
  else await ec2(call, 'CreateTags', { Resources: [...ids], Tags }, Nothing);
}

export async function dropTags(
  call: Call,
  { tagger, ids, keys }: Carriers & { readonly keys: readonly string[] },
): Promise<void> {
  if (tagger === 'elb') await elb(call, 'RemoveTags', { ResourceArns: [...ids], TagKeys: [...keys] }, Nothing);
  else await ec2(call, 'DeleteTags', { Resources: [...ids], Tags: keys.map(Key => ({ Key })) }, Nothing);
}
