import type { ZodType } from 'zod';
import type { CallContext, CreateRequest, Observed } from '../../schemas/provider.ts';
import type { Labels } from '../transport/labels.ts';
import type { Account } from './account.ts';
import type { Goal } from './goal.ts';

/** One request that brings an object closer to its goal. */
export interface Step {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly reply: ZodType<unknown> | null;
  /** The goal remembers from when on a server is switched off. */
  readonly hardAfter?: number;
}

/** What comes next: a request, waiting, or nothing. */
export type Move = Step | 'wait' | null;

/** An object as it was seen, and the ways from there. */
export interface Sight {
  readonly observed: Observed;
  readonly labels: Labels;
  /** The cloud works on it and would refuse a change. */
  readonly isBusy: boolean;
  /** The next request towards the goal, or null when it is reached. */
  toward(ctx: CallContext, goal: Goal): Move | Promise<Move>;
  /** What it asks for by itself, whatever the goal was: nothing where this is left out. */
  readonly owed?: Step;
  /** The next request towards its end. */
  away(ctx: CallContext, goal: Goal): Move | Promise<Move>;
}

/** One kind at UpCloud. */
export interface UpcloudKind {
  /** Null only when UpCloud says that there is no such object. */
  look(ctx: CallContext, account: Account, id: string): Promise<Sight | null>;
  /** Sends the one request that makes the object. */
  create(ctx: CallContext, account: Account, request: CreateRequest): Promise<Sight>;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** Deleting takes a while after UpCloud took the request: it is over when there is nothing left to see. */
  readonly lingers?: true;
}
