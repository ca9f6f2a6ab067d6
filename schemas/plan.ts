import { z } from 'zod';
import { FAULT_CODES } from './fault.ts';
import { Address, KindName, Name, Sha, Sha256, WorkspaceKey } from './name.ts';
import { Spec } from './resource.ts';

/** There is no `replace` and no `noop`: a replacement is a delete and a create linked by `replaces`, and what needs no change is not in the plan. */
export const Action = z.enum(['create', 'update', 'delete', 'adopt', 'forget']);
export type Action = z.infer<typeof Action>;

/** What a change risks, from least to most; a plan's risk is that of its worst change. */
export const RISKS = ['none', 'create', 'in-place', 'restart', 'replace', 'destroy', 'data-loss'] as const;
/** One of `RISKS`. */
export const Risk = z.enum(RISKS);
export type Risk = z.infer<typeof Risk>;

const Place = z.strictObject({ file: z.string(), line: z.int(), column: z.int() });

/** One field that differs. `null` means absent; a value not known before apply is `{ $ref }` or `{ $join }`. */
export const FieldChange = z.strictObject({
  path: z.string(),
  before: z.json(),
  after: z.json(),
  effect: z.enum(['live', 'restart', 'replace']),
  /** The difference was made behind our back: the observed value is neither the recorded nor the desired one. */
  drift: z.boolean().optional(),
});
export type FieldChange = z.infer<typeof FieldChange>;

/** How a change can be taken back, and what cannot. */
export const Inverse = z.strictObject({
  /** Null when nothing can bring the former state back. */
  action: Action.nullable(),
  reversible: z.enum(['yes', 'partly', 'no']),
  /** What stays lost even after the inverse ran: `the data on the volume`, `the public address`. */
  loses: z.array(z.string()),
});
export type Inverse = z.infer<typeof Inverse>;

/** One thing that a change does on a server, for whoever reviews it. What is secret is masked. */
export const HostStep = z.strictObject({
  /** `install redis-server`, `write /etc/redis/redis.conf`. */
  title: z.string(),
  /** The command as it is run, word by word. */
  command: z.array(z.string()).optional(),
  /** Text of a file before and after; null where there is none. */
  file: z.strictObject({ before: z.string().nullable(), after: z.string().nullable() }).optional(),
});
export type HostStep = z.infer<typeof HostStep>;

/** One thing to do. Everything the applier needs to know about it stands here. */
export const Change = z.strictObject({
  /** `create server/web-1`; a delete of a replaced object is `delete server/web-1`. Unique in the plan. */
  key: z.string(),
  action: Action,
  address: Address,
  kind: KindName,
  provider: Name,
  /** The provider's id of the object that is updated, deleted, adopted or forgotten. */
  id: z.string().optional(),
  /** The resolved spec that was applied last, with observed values where they drifted; null for a create. */
  before: Spec.nullable(),
  /** The spec that shall hold; null for delete and forget. */
  after: Spec.nullable(),
  fields: z.array(FieldChange),
  /** Keys of changes that must be done first. Sorted. */
  needs: z.array(z.string()),
  /** Addresses the object needs, or needed, as long as it exists. Sorted; recorded with it, so that deletion knows its order. */
  requires: z.array(Address).optional(),
  /** On a create: key of the delete it replaces. People see both as one line. */
  replaces: z.string().optional(),
  /** The key the object is recorded under until this change: its former address, or `<address>#<id>` when a rollback brings back what was about to be deleted. */
  movedFrom: z.string().optional(),
  /** On a delete: key of the deletion of the server that takes the object with it. Nothing is sent for the object itself. */
  goesWith: z.string().optional(),
  risk: Risk,
  inverse: Inverse,
  /** One line for the reviewer: why this change is in the plan. */
  why: z.string(),
  /** SHA-256 of what was observed of the object when the plan was made; the applier refuses if it is another one by then. */
  observed: Sha256.optional(),
  protect: z.boolean().optional(),
  /** On a delete: the outputs that others may hold copies of, so that taking it back can find them. */
  outputs: z.record(z.string(), z.json()).optional(),
  /** On an update that switches protection: what was recorded before. */
  wasProtected: z.boolean().optional(),
  /** What it does on a server, in order, as far as that is known before the apply. */
  steps: z.array(HostStep).optional(),
  at: Place.optional(),
});
export type Change = z.infer<typeof Change>;

/** Something a reviewer should know. An `error` finding closes the gate: the plan cannot be applied. */
export const Finding = z.strictObject({
  level: z.enum(['error', 'warning', 'note']),
  id: z.string(),
  address: Address.optional(),
  what: z.string(),
  why: z.string().optional(),
  fix: z.string().optional(),
  at: Place.optional(),
});
export type Finding = z.infer<typeof Finding>;

/** What restricted or widened a plan. All of it is part of the digest. */
export const PlanOptions = z.strictObject({
  targets: z.array(Address),
  excludes: z.array(Address),
  destroy: z.boolean(),
  /** The number of deletions that was acknowledged (`--allow-deletes 12`), or null. */
  allowDeletes: z.int().nullable(),
});
export type PlanOptions = z.infer<typeof PlanOptions>;

/** Money per month in the smallest unit times 100 (1/10,000 of the currency), so that sums stay exact. */
export const Price = z.strictObject({
  currency: z.string(),
  before: z.int(),
  after: z.int(),
  unknown: z.array(Address),
});
export type Price = z.infer<typeof Price>;

/** A value of another workspace that a plan was made with; null while it had none. `ref` as in specs: `net:network/main.id`. */
export const UpstreamPin = z.strictObject({ ref: z.string(), workspace: WorkspaceKey, value: z.json() });
export type UpstreamPin = z.infer<typeof UpstreamPin>;

/** Plain data: comment, REST, MCP, web and goldens all read this, and the applier obeys nothing else. */
export const Plan = z.strictObject({
  format: z.literal(1),
  purpose: z.enum(['apply', 'rollback']),
  workspace: WorkspaceKey,
  /** The commit the desired state was read from, and the tree of the workspace folder in it. */
  commit: Sha,
  tree: Sha,
  /** Lineage of the recorded state, and the Git tree of its objects: equal trees are equal records. */
  lineage: z.string(),
  base: Sha,
  /** Version of this program, because another version may plan otherwise. */
  tool: z.string(),
  /** SHA-256 of the settings and policy in force. */
  policy: Sha256,
  /** SHA-256 over the fingerprints of every object this plan touches. */
  observed: Sha256,
  options: PlanOptions,
  /** What the files refer to in other workspaces, sorted; absent when that is nothing. */
  upstream: z.array(UpstreamPin).optional(),
  /** Account at each provider that was looked at, by its name in the workspace file. Absent when none was. */
  accounts: z.record(z.string(), z.string()).optional(),
  /** In one valid order; empty means in sync. */
  changes: z.array(Change),
  findings: z.array(Finding),
  counts: z.strictObject({
    create: z.int(),
    update: z.int(),
    replace: z.int(),
    delete: z.int(),
    adopt: z.int(),
    forget: z.int(),
    unchanged: z.int(),
  }),
  risk: Risk,
  price: Price.nullable(),
  /** SHA-256 of the changes alone, without places and reasons: equal when the same would be done, whatever commit asked for it. */
  changesDigest: Sha256,
  /** SHA-256 of all the above. An approval quotes it; apply refuses another. */
  digest: Sha256,
});
export type Plan = z.infer<typeof Plan>;

/** Serialised Fault. */
export const FaultRecord = z.strictObject({
  code: z.enum(Object.keys(FAULT_CODES) as [keyof typeof FAULT_CODES, ...(keyof typeof FAULT_CODES)[]]),
  problems: z.array(z.looseObject({ id: z.string(), what: z.string() })),
  data: z.record(z.string(), z.json()),
  nothingChanged: z.boolean(),
});
export type FaultRecord = z.infer<typeof FaultRecord>;
