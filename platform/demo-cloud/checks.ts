import { z } from 'zod';
import type { JsonObject } from '../../schemas/json.ts';
import { boundsOf } from './addresses.ts';
import { QUOTA } from './catalogue.ts';
import { type KindRules, rulesOf } from './kinds.ts';
import { Refusal } from './model.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';

/** What every object has besides the fields of its kind. */
const SharedFields = z.object({
  name: z.string().min(1).max(63),
  labels: z.record(z.string().min(1).max(63), z.string().max(63)).default({}),
  protection: z.boolean().default(false),
});
export type SharedFields = z.infer<typeof SharedFields>;

const CommonChange = SharedFields.partial();

/** Splits a body into what every object has and the checked fields of its kind. */
export function checkCreate(rules: KindRules, body: JsonObject): { common: SharedFields; fields: JsonObject } {
  const { name, labels, protection, ...rest } = body;
  return { common: checked(SharedFields, { name, labels, protection }), fields: checked(rules.create, rest) };
}

export function checkChange(rules: KindRules, body: JsonObject): { common: Partial<SharedFields>; fields: JsonObject } {
  const { name, labels, protection, ...rest } = body;
  const given = Object.fromEntries(
    Object.entries({ name, labels, protection }).filter(([, value]) => value !== undefined),
  );
  const common = checked(CommonChange, given);
  const present = Object.keys(common).filter(key => key in given);
  return {
    common: Object.fromEntries(present.map(key => [key, common[key as keyof SharedFields]])) as Partial<SharedFields>,
    fields: checked(rules.change, rest),
  };
}

export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : '';
  throw new Refusal(422, 'invalid_input', `the field ${keys || field || '(body)'} is not acceptable`, {
    field: keys || field,
  });
}

/** Refuses ids that do not exist or are of another kind. */
export function checkRefs(store: Store, rules: KindRules, fields: JsonObject): void {
  for (const [field, kind] of Object.entries(rules.refs)) {
    const value = fields[field];
    const ids = Array.isArray(value) ? (value as string[]) : typeof value === 'string' ? [value] : [];
    for (const id of ids) {
      if (store.objects.get(id)?.kind !== kind) {
        throw new Refusal(422, 'reference_not_found', `${field} names ${id}, which is no ${kind}`, { field });
      }
    }
  }
}

/** Refuses what is sold out, over the quota, or does not fit into its network. */
export function checkRoom(store: Store, settings: Settings, kind: string, fields: JsonObject): void {
  const limit = settings.quotas[kind] ?? QUOTA;
  if (store.count(kind) >= limit) {
    throw new Refusal(403, 'quota_exceeded', `the quota of ${kind} is ${limit}`, { limit, used: store.count(kind) });
  }
  checkStock(settings, kind, fields);
  if (kind === 'subnet') checkRange(store, fields);
}

export function checkStock(settings: Settings, kind: string, fields: JsonObject): void {
  const size = fields['size'];
  if (kind === 'server' && typeof size === 'string' && settings.stock[size] === 0) {
    throw new Refusal(409, 'out_of_stock', `no server of size ${size} can be had at the moment`);
  }
}

function checkRange(store: Store, fields: JsonObject): void {
  const network = store.objects.get(String(fields['network']));
  const own = boundsOf(String(fields['ip_range']));
  const whole = boundsOf(String(network?.fields['ip_range']));
  if (own === null || whole === null || network === undefined) return;
  if (own.first < whole.first || own.last > whole.last) {
    throw new Refusal(422, 'invalid_input', 'the range lies outside that of the network', { field: 'ip_range' });
  }
  for (const other of store.usersOf(network.id)) {
    const range = boundsOf(String(other.fields['ip_range']));
    if (range !== null && own.first <= range.last && range.first <= own.last) {
      throw new Refusal(409, 'range_overlaps', `the range overlaps that of ${other.id}`, { other: other.id });
    }
  }
}

/** Refuses to delete what is protected, attached, or held by something else. */
export function checkDeletable(store: Store, id: string, allow: { readonly detach: boolean }): void {
  const object = store.objects.get(id);
  if (object === undefined) return;
  if (object.protection) throw new Refusal(403, 'protected', `${id} is protected`);
  const detach = rulesOf(object.kind)?.detach;
  if (!allow.detach && detach !== undefined && object.fields[detach] !== null && object.fields[detach] !== undefined) {
    throw new Refusal(409, 'resource_in_use', `${id} is attached to ${String(object.fields[detach])}`);
  }
  const holder = store.usersOf(id).find(user => {
    const held = rulesOf(user.kind)?.holds ?? [];
    return held.some(field => [user.fields[field]].flat().includes(id));
  });
  if (holder !== undefined)
    throw new Refusal(409, 'resource_in_use', `${id} is used by ${holder.id}`, { by: holder.id });
}
