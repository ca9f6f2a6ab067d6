import type { ProviderErrorClass } from '../../../schemas/provider.ts';

export type Asked = 'create' | 'update' | 'delete' | 'list';

/** What the caller must be told, and what must have become of the world. */
export interface Expected {
  /** `done` when the call must succeed in spite of the fault. */
  readonly told: ProviderErrorClass | 'done';
  /** Whether the write had its effect. */
  readonly effect: boolean;
}

export interface FaultCase {
  /** A name that every fake cloud must know, or leave out of `supports`. */
  readonly fault: string;
  /** A second variant of the same fault. */
  readonly hint?: 'none' | 'seconds' | 'date';
  readonly ms?: number;
  readonly expect: { readonly [asked in Asked]?: Expected };
}

const unknown = (effect: boolean): Expected => ({ told: 'unknown-outcome', effect });
const told = (kind: ProviderErrorClass | 'done', effect = false): Expected => ({ told: kind, effect });
const list = { list: told('transient') };
const writes = (expected: Expected): FaultCase['expect'] => ({ create: expected, update: expected, delete: expected });
const any = (expected: Expected): FaultCase['expect'] => ({ ...writes(expected), list: expected });

/** Every fault on every call. A case that cannot happen to a call is left out, never passed by accident. */
export const FAULT_CASES: readonly FaultCase[] = [
  { fault: 'request-lost', expect: { ...writes(unknown(false)), ...list } },
  { fault: 'answer-lost', expect: { ...writes(unknown(true)), ...list } },
  { fault: 'reset-mid-body', expect: { ...writes(unknown(true)), ...list } },
  { fault: 'error-500-before', expect: { ...writes(unknown(false)), delete: told('transient'), ...list } },
  { fault: 'error-500-after', expect: { ...writes(unknown(true)), delete: told('transient', true), ...list } },
  { fault: 'unavailable-503', hint: 'none', expect: { ...writes(unknown(false)), delete: told('transient'), ...list } },
  {
    fault: 'unavailable-503',
    hint: 'seconds',
    ms: 2_000,
    expect: { ...writes(unknown(false)), delete: told('transient'), ...list },
  },
  { fault: 'rate-limited', hint: 'none', expect: any(told('rate-limited')) },
  { fault: 'rate-limited', hint: 'seconds', ms: 2_000, expect: any(told('rate-limited')) },
  { fault: 'rate-limited', hint: 'date', ms: 2_000, expect: any(told('rate-limited')) },
  { fault: 'locked', expect: writes(told('locked')) },
  { fault: 'conflict', expect: writes(told('conflict')) },
  { fault: 'quota', expect: { create: told('quota') } },
  { fault: 'capacity', expect: { create: told('capacity') } },
  { fault: 'half-done', expect: { create: told('partial', true) } },
  { fault: 'invisible', ms: 4_000, expect: { create: told('done', true) } },
  { fault: 'still-listed', ms: 4_000, expect: { delete: told('done', true) } },
  { fault: 'sent-twice', expect: { update: told('done', true), delete: told('done', true) } },
  { fault: 'html', expect: { ...writes(unknown(true)), ...list } },
  { fault: 'truncated', expect: { ...writes(unknown(true)), ...list } },
  { fault: 'empty', expect: { ...writes(unknown(true)), ...list } },
  { fault: 'wrong-types', expect: { ...writes(unknown(true)), ...list } },
  { fault: 'null-id', expect: { create: unknown(true), update: unknown(true), ...list } },
  { fault: 'huge-id', expect: { create: unknown(true), update: unknown(true), ...list } },
  { fault: 'unknown-words', expect: { create: told('done', true), update: told('done', true), list: told('done') } },
  { fault: 'page-gap', expect: list },
  { fault: 'page-repeat', expect: list },
  { fault: 'token-expired', expect: any(told('unauthenticated')) },
  { fault: 'slow-drip', ms: 1_000, expect: { ...writes(told('done', true)), list: told('done') } },
  { fault: 'slow-drip', ms: 60_000, expect: { ...writes(unknown(true)), ...list } },
];

export function caseName(fault: FaultCase): string {
  return [fault.fault, fault.hint, fault.ms].filter(part => part !== undefined).join(' ');
}
