import { z } from 'zod';
import { Mirror } from './mirror.ts';
import { Address, Name, WorkspaceKey } from './name.ts';
import type { ServiceFile } from './service-file.ts';
import type { Problem } from './fault.ts';
import type { Position } from './position.ts';
import type { Resource } from './resource.ts';
import { PullRules } from './review.ts';
import { SshSettings } from './ssh.ts';

/** What happens to the changes already made when a later change of the same run fails. */
export const Rollback = z.enum(['automatic', 'manual', 'none']);
export type Rollback = z.infer<typeof Rollback>;

/** Who must agree before a plan is applied: a recorded approval of its digest, or nobody. */
export const Review = z.enum(['required', 'none']);
export type Review = z.infer<typeof Review>;

/** How a workspace behaves. Every field has a default, so the smallest workspace file is two lines. */
export const Settings = z.strictObject({
  review: Review.default('required').describe(
    '`required`: a plan is applied after `approve <digest>`. `none`: as soon as it is computed.',
  ),
  rollback: Rollback.default('manual').describe(
    'When a change fails: undo this run at once (`automatic`), wait for `rollback` (`manual`), or leave it (`none`).',
  ),
  pullRequests: PullRules.prefault({}).describe(
    'How a pull request is agreed to and applied, where a Git host is used.',
  ),
  drift: z
    .strictObject({
      everySeconds: z.int().min(10).max(86_400).default(300).describe('Seconds between two looks at the real objects.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      parallel: z.int().min(1).max(512).default(32).describe('Changes in flight at once, over all providers.'),
      perProvider: z.int().min(1).max(256).default(16).describe('Changes in flight at once for one provider.'),
      deletePercent: z
        .int()
        .min(0)
        .max(100)
        .default(20)
        .describe(
          'A plan that deletes more than this share of the objects, and more than three, needs its own acknowledgement.',
        ),
    })
    .prefault({}),
  ssh: SshSettings.optional().describe('How its servers are reached.'),
  mirror: Mirror.optional().describe('Where its servers fetch what is not of their distribution.'),
});
export type Settings = z.infer<typeof Settings>;

/** One entry of `providers` in the workspace file. Which further fields it has is the provider's own schema. */
export const ProviderEntry = z.looseObject({
  driver: Name.describe(
    'Which provider: `demo`, later `hetzner`, `upcloud`, `aws`, `local`. Defaults to the name of the entry.',
  ),
});
/** One account as the loader gives it: which driver serves it, and the rest of its entry. */
export type ProviderEntry = { readonly driver: string; readonly config: { readonly [key: string]: unknown } };

/** `workspace.yaml` as a person writes it. */
export const WorkspaceFile = z.strictObject({
  schemaVersion: z.literal('1').default('1').describe('Format of the workspace files.'),
  name: Name.describe('Names the workspace, its state branch and its ownership label.'),
  description: z.string().max(500).optional(),
  environments: z
    .array(Name)
    .max(32)
    .optional()
    .describe('Environments that exist; each has its own state and `config/<environment>-defaults.toml`.'),
  providers: z
    .record(Name, z.looseObject({}))
    .describe('Accounts that resources are created in, by a name of your choice.'),
  defaultProvider: Name.optional().describe('Provider of resources that name none. Not needed when there is only one.'),
  ...Settings.shape,
});
export type WorkspaceFile = z.infer<typeof WorkspaceFile>;

/** A resource that has a new address: the real object stays. */
export const Moved = z.strictObject({ from: Address, to: Address });
export type Moved = z.infer<typeof Moved>;

/** The desired state: what the files of one commit say. It is data; places are looked up through `locate`. */
export interface Workspace {
  readonly name: Name;
  readonly env: Name | null;
  readonly key: WorkspaceKey;
  readonly settings: Settings;
  readonly providers: { readonly [name: string]: ProviderEntry };
  /** Sorted by address. */
  readonly resources: readonly Resource[];
  readonly moved: readonly Moved[];
  /** Addresses to drop from the record without touching the real object. */
  readonly forget: readonly Address[];
  /** Task services of its own, from `taskservs/<name>/service.yaml`; absent when it has none. */
  readonly services?: { readonly [name: string]: ServiceFile };
}

/** What loading yields: the workspace, warnings, and where everything was written. */
export interface Loaded {
  readonly workspace: Workspace;
  readonly warnings: readonly Problem[];
  readonly files: number;
  /** Place of a resource, or of one value of its spec (`['rules', '0', 'port']`); the nearest enclosing place when the value comes from a default. */
  locate(address: Address, path?: readonly string[]): Position | undefined;
}

/** `shop`, or `shop@prod` for an environment. */
export function workspaceKey(name: Name, env: Name | null): WorkspaceKey {
  return env === null ? name : `${name}@${env}`;
}
