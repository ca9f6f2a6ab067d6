import type { Json } from '../../schemas/json.ts';
import type { CreateRequest, Observed } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Goal } from '../course/goal.ts';
import type { Labels } from '../transport/labels.ts';
import type { Account } from './account.ts';
import type { Call } from './client.ts';

/** Which objects of a kind to look at. */
export type Where =
  | { readonly by: 'ids'; readonly ids: readonly string[] }
  | { readonly by: 'tag'; readonly key: string; readonly value: string }
  | { readonly by: 'name'; readonly name: string }
  | { readonly by: 'token'; readonly token: string }
  | { readonly by: 'all' };

/** One object as it is now, in our words and with what its kind needs to know to change it. */
export interface Sighting<Facts = unknown> {
  readonly id: string;
  readonly tags: Labels;
  /** Its name where it carries no Name tag. */
  readonly nativeName: string;
  /** Without labels. A reference that it does not have is null, so that it can be told from one that is not shown. */
  readonly spec: Spec;
  readonly outputs: { readonly [output: string]: Json };
  readonly phase: Observed['phase'];
  /** It is over: AWS shows it for a while, but it cannot come back. */
  readonly ended?: boolean;
  /** Another action still runs on it. */
  readonly busy?: boolean;
  readonly createdAt: number;
  readonly attached: boolean;
  /** Ids of everything that carries its tags, itself first. */
  readonly carriers: readonly string[];
  readonly facts: Facts;
}

/**
 * One look and at most one step. `wrote`: something was changed, so look again. `wait`: AWS is still at it. Steps are
 * never counted: what to do next comes from what the object is now, so that any process can go on after any crash.
 */
export type Step = 'done' | 'wrote' | 'wait';

/** How AWS keeps one of our kinds. */
export interface AwsKind<Facts = unknown> {
  readonly tagger: 'ec2' | 'elb';
  /** Everything that fits, also what is over. */
  sight(call: Call, account: Account, where: Where): Promise<readonly Sighting<Facts>[]>;
  /** The one write that makes the object, with its tags; returns its id. */
  create(call: Call, account: Account, request: CreateRequest): Promise<string>;
  /** The next step to the goal. */
  converge(call: Call, account: Account, seen: Sighting<Facts>, goal: Goal): Promise<Step>;
  /** Sets the protection of AWS itself, where it has one. */
  guard?(call: Call, account: Account, seen: Sighting<Facts>, protect: boolean): Promise<void>;
  /** The next step to its end; `done` when AWS took the deletion of the object itself for certain. */
  remove(call: Call, account: Account, seen: Sighting<Facts>): Promise<Step>;
}
