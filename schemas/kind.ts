import type { ZodType } from 'zod';
import type { CloudKind, KindName } from './name.ts';

/**
 * What happens to the real object when a field changes.
 * live: nothing is interrupted. restart: it is stopped and started. replace: it must be deleted and created.
 */
export type Effect = 'live' | 'restart' | 'replace';

/** How one field of a kind behaves. It is data, so that planning needs neither a provider nor a network. */
export interface FieldRule {
  readonly effect: Effect;
  /** The field names another resource of this kind: `network: main` is short for `${network.main.id}`. In a list, each item does. */
  readonly ref?: CloudKind;
  /** Order does not matter: compared as a set. */
  readonly set?: true;
  /** A smaller value is impossible without losing data (volume size): planned as replace with risk data-loss. */
  readonly growOnly?: true;
  /** The cloud never returns it (user data): compared with the recorded value, never with the observed one. */
  readonly writeOnly?: true;
  /** No two objects of a provider have the same value at once: who gets it waits until the one that had it is gone. */
  readonly exclusive?: true;
  /** Two spellings of one value are made equal before they are compared. */
  readonly normalise?: 'cidr' | 'lower-case';
  /** A map in which others may keep keys too: only the keys that the files or the record set are ours to compare and change. */
  readonly sharedKeys?: true;
  /** An environment layer may not set it. */
  readonly final?: true;
}

/** How one output of a kind behaves: what others may reference as `${kind.name.output}`. */
export interface OutputRule {
  /** stable: keeps its value for the life of the object. volatile: may change with an update or a restart. */
  readonly lifetime: 'stable' | 'volatile';
  /** The output always equals this field of the spec, so it is known before apply. */
  readonly sameAs?: string;
}

/** A kind of resource: the shape of its spec, and everything the planner must know about it. */
export interface Kind {
  readonly name: KindName;
  /** One sentence for the reference documentation. */
  readonly summary: string;
  /** Strict: an unknown field is an error. It describes the spec before references are resolved; see `schemas/parse` for how `${...}` is admitted. */
  readonly spec: ZodType;
  readonly fields: { readonly [field: string]: FieldRule };
  readonly outputs: { readonly [output: string]: OutputRule };
  /** It holds data that deleting destroys (volume, and a server's own disk). Delete and replace then have the risk class data-loss. */
  readonly holdsData: boolean;
  /** A replacement may be created before the old object is deleted. False where a unique name, an address or an attachment forbids two at once. */
  readonly createFirst: boolean;
}

/** What a provider changes about a kind: for example a cloud that cannot resize in place, or that enforces unique names. Whatever it leaves out stays. */
export interface KindOverride {
  readonly fields?: { readonly [field: string]: Partial<FieldRule> };
  readonly outputs?: { readonly [output: string]: OutputRule };
  readonly holdsData?: boolean;
  readonly createFirst?: boolean;
}

/** Stands for all that cannot be told by fields: in what a host is not as it was left. No field of a kind is named like this. */
export const ASTRAY = '(host)';
