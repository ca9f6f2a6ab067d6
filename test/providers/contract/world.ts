import type { KindName } from '../../../schemas/name.ts';
import type { CallContext, Connection, KindCapability } from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import type { World } from '../../../schemas/world.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Asked, FaultCase } from './fault-table.ts';
import type { CloudWords } from './subjects.ts';

/** An object as the fake cloud itself knows it: what is compared with what the provider says. */
export interface TrueObject {
  readonly kind: KindName;
  readonly id: string;
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
}

/** A fake cloud with its provider, made anew for each test. */
export interface ContractWorld {
  readonly clock: VirtualClock;
  readonly words: CloudWords;
  /** The secret that the provider is configured with: no message may show it. */
  readonly secret: string;
  /** Objects of one page of a listing; infinite where a listing is one answer. */
  readonly pageSize: number;
  /** Every request is carried out before it is answered, so that nothing is ever under way. */
  readonly isAtOnce?: true;
  /** Fields of a kind that this cloud has nothing for: the contract leaves them out, and a create with one is `unsupported`. */
  readonly lacks?: { readonly [kind: KindName]: readonly string[] };
  capability(kind: KindName): KindCapability | undefined;
  connect(ctx: CallContext): Promise<Connection>;
  context(options?: {
    readonly reach?: World['reach'];
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): CallContext;
  truth(): readonly TrueObject[];
  /** Writes that reached the cloud. */
  writes(): number;
  /** Faults the fake cloud can do. */
  supports(fault: string): boolean;
  /** Arms a fault for the next request that does `asked`; returns how often it fired. */
  arm(fault: {
    readonly fault: string;
    readonly asked: Asked | 'poll';
    readonly kind?: string;
    readonly nth?: number;
    readonly ms?: number;
    readonly hint?: FaultCase['hint'];
    readonly times?: number | null;
  }): () => number;
  /** Makes answers slow. */
  slow(ms: number): void;
  /** Makes actions take time. */
  actionsTake(ms: number): void;
  /** Puts labels on an object behind the provider's back; null removes one. */
  tamper(id: string, labels: { readonly [key: string]: string | null }): void;
  /** Makes an object that the provider never heard of. */
  foreign(kind: KindName, name: string, spec: Spec, labels: { readonly [key: string]: string }): string;
  vanish(id: string): void;
  /** Ends what is stuck, where only a person at the cloud can: it can be deleted no sooner. */
  unstick?(id: string): void;
}
