import type { Address, CloudKind, KindName, Name } from '../name.ts';
import type { Spec } from '../resource.ts';

/** An object that exists somewhere and shall be described in workspace files. */
export interface Existing {
  readonly kind: CloudKind;
  /** The provider's name in the workspace file. */
  readonly provider: Name;
  readonly id: string;
  /** What the cloud calls it; anything may stand here. */
  readonly name: string;
  /** References as provider ids. */
  readonly spec: Spec;
  /** Milliseconds since 1970; the older of two objects with one name keeps it. */
  readonly createdAt: number;
  /** Sentences for whoever reads the file. */
  readonly notes: readonly string[];
}

/** An object that the files do not describe, with the reason. */
export interface LeftOut {
  readonly kind: KindName;
  readonly id: string;
  readonly name: string;
  readonly why: string;
}

/** What a workspace describes before anything is added to it. */
export interface Described {
  /** Addresses that a new resource may not have. */
  readonly taken: ReadonlySet<Address>;
  /** Addresses by `objectKey`: what a new resource may refer to. */
  readonly addresses: ReadonlyMap<string, Address>;
}

/** The kinds in the order in which they refer to each other, and in which files list them. */
export const KIND_ORDER: readonly CloudKind[] = [
  'network',
  'subnet',
  'firewall',
  'ssh-key',
  'placement-group',
  'server',
  'volume',
  'floating-ip',
  'load-balancer',
];

/** One text for an object at a provider. */
export function objectKey(of: { readonly provider: Name; readonly kind: KindName; readonly id: string }): string {
  return JSON.stringify([of.provider, of.kind, of.id]);
}

/** Order of two texts by their code units, the same on every machine. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
