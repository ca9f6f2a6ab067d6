import type { Address } from '../schemas/name.ts';
import type { FieldChange, Finding } from '../schemas/plan.ts';
import type { Observed } from '../schemas/provider.ts';
import type { Resource, Spec } from '../schemas/resource.ts';
import type { Held } from './matching.ts';
import type { KindRules } from './rules.ts';
import type { Scene } from './scene.ts';

/** What shall happen to one resource of the files. `stuck`: an error finding says why nothing can be decided. */
export type Verdict = 'keep' | 'create' | 'update' | 'replace' | 'adopt' | 'stuck';

export interface Decision {
  readonly verdict: Verdict;
  readonly resource: Resource;
  /** The spec that shall hold, with every reference that is certain now resolved. */
  readonly after: Spec;
  readonly fields: readonly FieldChange[];
  readonly why: string;
  readonly held?: Held;
  readonly observed?: Observed;
  /** The provider's id of the object as it is now; absent when there is none. */
  readonly id?: string;
  /** The record names an object that no longer exists. */
  readonly missing?: true;
  /** The object exists but never worked: it is replaced as it is, old one first. */
  readonly broken?: true;
  /** Fields of an object to keep that are as the files say, but were recorded otherwise: somebody changed both. */
  readonly lagging?: readonly string[];
}

/** Everything that one resource is decided from. */
export interface Case {
  readonly scene: Scene;
  readonly resource: Resource;
  readonly rules: KindRules;
  /** The spec with every reference that is certain resolved. */
  readonly after: Spec;
  /** The decision on the server that a task service sits on. */
  readonly host: Decision | undefined;
  readonly findings: Finding[];
}

/** A decision that changes nothing, because an error finding stands against it. */
export function stuck(resource: Resource, after: Spec, held: Decision['held']): Decision {
  return { verdict: 'stuck', resource, after, fields: [], why: '', ...(held === undefined ? {} : { held }) };
}

/** The place of a resource as an optional member. */
export function placed(scene: Scene, address: Address): Pick<Finding, 'at'> {
  const at = scene.place(address);
  return at === undefined ? {} : { at };
}
