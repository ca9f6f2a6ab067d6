import { z } from 'zod';
import { isObject, type JsonObject } from '../../schemas/json.ts';

const Id = z.string().min(1).max(64);
/** An object of any values: they come from a JSON parser, so they need no further look. */
const Fields = z.custom<JsonObject>(isObject);

/** An object as the demo cloud shows it. States are text, because a cloud may learn new ones. */
export const CloudObject = z.object({
  id: Id,
  kind: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  state: z.string(),
  protection: z.boolean(),
  created: z.iso.datetime(),
  action: Id.nullable(),
  changed: z.object({ by: z.string().max(200), at: z.iso.datetime() }).nullish(),
  used_by: z.array(Id),
  fields: Fields,
  outputs: Fields,
});
export type CloudObject = z.infer<typeof CloudObject>;

const Action = z.object({ id: Id, status: z.string() });

export const WriteReply = z.object({ object: CloudObject, action: Action.nullable() });
export const ReadReply = z.object({ object: CloudObject });
export const DeleteReply = z.object({ action: Action.nullable() });
export const AccountReply = z.object({ name: z.string().min(1).max(63) });

export const PageReply = z.object({
  objects: z.array(CloudObject),
  meta: z.object({
    total: z.int().min(0),
    version: z.string().max(64),
    next: z
      .string()
      .regex(/^\d{1,15}$/)
      .nullable(),
  }),
});

export const ActionsReply = z.object({
  actions: z.array(
    Action.extend({
      command: z.string(),
      error: z.object({ code: z.string() }).nullable(),
      object_id: Id,
      object: CloudObject.nullable(),
    }),
  ),
});
export type ActionReply = z.infer<typeof ActionsReply>['actions'][number];

const Count = z.int().min(0);
export const CatalogueReply = z.object({
  sizes: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      zones: z.array(z.string()),
      stock: Count.nullable(),
      monthly: Count,
    }),
  ),
  images: z.array(z.object({ name: z.string(), zones: z.array(z.string()) })),
  zones: z.array(z.string()),
  quotas: z.array(z.object({ kind: z.string(), limit: Count, used: Count })),
  prices: z.array(z.object({ kind: z.string(), per: z.enum(['object', 'gib']), monthly: Count })),
  currency: z.string(),
});
