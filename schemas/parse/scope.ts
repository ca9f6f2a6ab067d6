import type { Json } from '../json.ts';
import { LIMITS } from '../limits.ts';
import type { Ref } from '../resource.ts';
import type { Name } from '../name.ts';
import type { Instance, Instances } from './instance.ts';
import type { Layer } from './layers.ts';
import type { SecretEntry } from '../secret.ts';
import type { Services } from './services.ts';
import type { Document } from './node.ts';
import type { Finding, Place, Sink } from './sink.ts';

/** A cluster after it became resources. */
export interface ExpandedCluster {
  readonly place: Place;
  /** Its outputs as expressions, by name. */
  readonly outputs: { readonly [output: string]: string };
}

/** What expressions of one load can see. */
export interface Surroundings {
  readonly workspace: Name;
  readonly env: Name | null;
  readonly layers: readonly Layer[];
  /** Task services that are known; undefined where their parameters are not looked at. */
  readonly services: Services | undefined;
  /** Task services of the workspace whose file is not valid: who uses them is not told that they are missing. */
  readonly flawedServices: ReadonlySet<Name>;
  /** What lies encrypted in the workspace, by path; nothing of it is decrypted here. */
  readonly secrets: ReadonlyMap<string, SecretEntry>;
  readonly sink: Sink;
  /** Undefined while repetition is worked out: nothing can be referenced yet. */
  readonly instances: Instances | undefined;
  /** Clusters by name. */
  readonly clusters: ReadonlyMap<Name, ExpandedCluster>;
  /** Variables evaluated so far; `null` while one is being evaluated. */
  readonly vars: Map<string, { readonly value: Json; readonly level: number } | null>;
  /** Characters that all values together have after expansion; a load that passes the limit stops. */
  readonly size: { characters: number };
  /** The value behind the text between the braces. It stands here so that evaluating and resolving need not import each other. */
  resolve(path: string, reference: Reference): Json;
}

/** One reference being resolved. */
export interface Reference {
  readonly place: Place;
  readonly evaluation: Evaluation;
  /** The expression as written, made safe to show. */
  readonly shown: string;
}

/** One evaluation: whose field it is, and how many references were followed to get here. */
export interface Evaluation {
  readonly surroundings: Surroundings;
  readonly instance: Instance | undefined;
  readonly document: Document;
  /** References followed on the way from the first field. */
  readonly level: number;
  /** Longest chain of references found below; filled while evaluating. */
  deepest: number;
}

/** Stands for a value that could not be evaluated: a problem was stated, and nothing more is said about it. */
export const BROKEN: Ref & { readonly [key: string]: Json } = { $ref: '' };

/** Lists that `[*]` made: inside another list their items take its place. */
export const spreads: WeakSet<object> = new WeakSet();

/** States a problem with a reference, and gives the value that stands for it. */
export function refuse({ place, evaluation }: Reference, finding: Finding): Json {
  evaluation.surroundings.sink.error(place, finding);
  return BROKEN;
}

/** States that a chain of references is longer than the limit. */
export function tooDeep(reference: Reference): Json {
  return refuse(reference, {
    id: 'WS-NESTING',
    what: `${reference.shown} goes through more than ${LIMITS.interpolationDepth} references`,
    fix: 'refer to the value itself',
  });
}

/** A part of a value by its steps; undefined when there is none. */
export function inner(value: Json, steps: readonly string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const step of steps) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as { readonly [key: string]: Json })[step];
  }
  return current;
}
