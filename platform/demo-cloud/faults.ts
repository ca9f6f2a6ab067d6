import { z } from 'zod';
import type { Operation } from './model.ts';

const READS: readonly Operation[] = ['read', 'list', 'poll', 'catalogue', 'account'];
const WRITES: readonly Operation[] = ['create', 'update', 'action', 'delete'];
const ALL: readonly Operation[] = [...READS, ...WRITES];

/**
 * Every way in which the cloud can fail, with the number it has in the list of fault kinds, and the operations it can
 * happen to. before: nothing was done. during: it bends what is done. after: it was done, and the answer suffers.
 */
export const FAULTS = {
  'request-lost': { number: 'F1', phase: 'before', on: ALL },
  'answer-lost': { number: 'F2', phase: 'after', on: ALL },
  'reset-mid-body': { number: 'F3', phase: 'after', on: ALL },
  'error-500-before': { number: 'F4', phase: 'before', on: ALL },
  'error-500-after': { number: 'F4', phase: 'after', on: ALL },
  'unavailable-503': { number: 'F5', phase: 'before', on: ALL },
  'rate-limited': { number: 'F6', phase: 'before', on: ALL },
  locked: { number: 'F7', phase: 'before', on: WRITES },
  conflict: { number: 'F7', phase: 'before', on: WRITES },
  quota: { number: 'F8', phase: 'before', on: ['create'] },
  capacity: { number: 'F8', phase: 'before', on: ['create', 'action'] },
  'half-done': { number: 'F9', phase: 'during', on: ['create', 'update', 'action', 'delete', 'poll'] },
  'action-fails': { number: 'F10', phase: 'during', on: ['create', 'action', 'delete'] },
  'action-stuck': { number: 'F11', phase: 'during', on: ['create', 'action', 'delete'] },
  invisible: { number: 'F12', phase: 'during', on: ['create'] },
  'still-listed': { number: 'F13', phase: 'during', on: ['delete'] },
  'sent-twice': { number: 'F14', phase: 'during', on: WRITES },
  html: { number: 'F15', phase: 'after', on: ALL },
  truncated: { number: 'F15', phase: 'after', on: ALL },
  empty: { number: 'F15', phase: 'after', on: ALL },
  'wrong-types': { number: 'F16', phase: 'after', on: ALL },
  'null-id': { number: 'F16', phase: 'after', on: ['create', 'read', 'list', 'update', 'poll'] },
  'huge-id': { number: 'F16', phase: 'after', on: ['create', 'read', 'list', 'update', 'poll'] },
  'unknown-words': { number: 'F16', phase: 'after', on: ['create', 'read', 'list', 'update'] },
  'page-gap': { number: 'F17', phase: 'after', on: ['list'] },
  'page-repeat': { number: 'F17', phase: 'after', on: ['list'] },
  'token-expired': { number: 'F18', phase: 'before', on: ALL },
  'slow-drip': { number: 'F19', phase: 'after', on: ALL },
} as const satisfies {
  readonly [name: string]: { number: string; phase: 'before' | 'during' | 'after'; on: readonly Operation[] };
};
export type FaultName = keyof typeof FAULTS;

export const FaultRule = z.strictObject({
  fault: z.enum(Object.keys(FAULTS) as [FaultName, ...FaultName[]]),
  match: z
    .strictObject({
      method: z.string().optional(),
      operation: z.string().optional(),
      kind: z.string().optional(),
      /** Only the nth request that matches otherwise, counted from 1, and as many after it as `times` says. */
      nth: z.int().min(1).optional(),
      /** Chance of each request that matches otherwise. */
      probability: z.number().min(0).max(1).optional(),
    })
    .default({}),
  /** How often it fires; null is for ever. */
  times: z.int().min(1).nullable().default(1),
  /** Milliseconds that the fault is about: Retry-After, how long something stays invisible, how long a body drips. */
  ms: z.int().min(0).default(1_000),
  /** How `rate-limited` and `unavailable-503` tell when to come back. */
  hint: z.enum(['none', 'seconds', 'date']).default('seconds'),
  /** Error that an `action-fails` ends with. */
  code: z.string().default('action_failed'),
});
export type FaultRule = z.infer<typeof FaultRule>;
export type FaultRuleInput = z.input<typeof FaultRule>;

/** A rule with what became of it. */
export interface ArmedRule extends FaultRule {
  readonly id: string;
  /** Requests that matched. */
  seen: number;
  /** Times it really happened. */
  fired: number;
}

/** What a rule is matched with. */
interface Asked {
  readonly method: string;
  readonly operation: Operation;
  readonly kind: string | null;
}

export interface FaultTable {
  arm(input: FaultRuleInput): string;
  disarm(id: string | null): void;
  rules(): readonly ArmedRule[];
  /** The rule for this request. It counts as fired only when `fire` is called, because not every answer can be spoiled. */
  pick(request: Asked): ArmedRule | undefined;
  fire(rule: ArmedRule): void;
  /** A copy of the rules when anything about them changed since the last call; null otherwise. */
  changes(): readonly ArmedRule[] | null;
  load(rules: readonly ArmedRule[]): void;
}

export function openFaultTable(random: () => number): FaultTable {
  let rules: ArmedRule[] = [];
  let last = 0;
  let changed = false;
  return {
    arm(input) {
      changed = true;
      last += 1;
      const id = `fault-${last}`;
      rules.push({ ...FaultRule.parse(input), id, seen: 0, fired: 0 });
      return id;
    },
    disarm(id) {
      changed = true;
      rules = id === null ? [] : rules.filter(rule => rule.id !== id);
    },
    rules: () => rules,
    pick(request) {
      return rules.find(rule => {
        if (!concerns(rule, request)) return false;
        changed = true;
        rule.seen += 1;
        if (rule.match.nth !== undefined && rule.seen < rule.match.nth) return false;
        return rule.match.probability === undefined || random() < rule.match.probability;
      });
    },
    fire(rule) {
      rule.fired += 1;
    },
    changes() {
      if (!changed) return null;
      changed = false;
      return rules.map(rule => ({ ...rule }));
    },
    load(saved) {
      rules = saved.map(rule => ({ ...rule }));
      last = Math.max(0, ...rules.map(rule => Number(rule.id.slice(6))));
    },
  };
}

/** Whether the rule is still armed for such a request. */
function concerns(rule: ArmedRule, request: Asked): boolean {
  const { match, times } = rule;
  const on: readonly Operation[] = FAULTS[rule.fault].on;
  return (
    (times === null || rule.fired < times) &&
    on.includes(request.operation) &&
    (match.method ?? request.method) === request.method &&
    (match.operation ?? request.operation) === request.operation &&
    (match.kind ?? request.kind) === request.kind
  );
}
