import type { Json } from '../json.ts';
import type { Kind } from '../kind.ts';
import type { Address } from '../name.ts';
import type { MapNode } from './node.ts';
import type { Place } from './sink.ts';
import { follow, type Sourced } from './source.ts';

/** What `${count.index}`, `${each.key}` and `${each.value}` stand for in one instance of a repeated resource. */
export interface Turn {
  readonly index?: number;
  readonly key?: string;
  readonly value?: Json;
}

/** One field once it was evaluated. `level` counts the references that were followed one behind the other to get there. */
export interface FieldValue {
  readonly value: Json;
  readonly level: number;
}

/** One resource to be, after repetition and before its fields are evaluated. */
export interface Instance {
  readonly address: Address;
  readonly kind: Kind;
  readonly name: string;
  /** `server/web` for `server/web-3` of `count: 3`. */
  readonly declared: string;
  /** Where its name stands. */
  readonly place: Place;
  /** The resource's own fields, then the layers of defaults: the nearest goes first. */
  readonly sources: readonly Sourced<MapNode>[];
  readonly turn: Turn | null;
  /** The server of a task service. */
  readonly on: Instance | undefined;
  /** Fields with expressions evaluated so far; `null` while one is being evaluated. Most resources have none. */
  fields: Map<string, FieldValue | null> | undefined;
}

/** All instances by address, and those of a repeated resource by its declared name, in order. */
export interface Instances {
  readonly all: ReadonlyMap<Address, Instance>;
  readonly groups: ReadonlyMap<string, readonly Instance[]>;
  /** Some files could not be read, so what is missing may stand in them. */
  readonly isPartial: boolean;
}

/** Place of one value of an instance: in the source that has most of the path; that of the name when none has it. */
export function locateIn(instance: Instance, path: readonly PropertyKey[]): Place {
  let best: Place = instance.place;
  let steps = 0;
  for (const source of instance.sources) {
    const found = follow(source, path);
    if (found.steps <= steps) continue;
    best = found.place;
    steps = found.steps;
  }
  return best;
}
