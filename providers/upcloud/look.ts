import type { ZodType } from 'zod';
import { type CallContext, ProviderFault } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';

/** One object by its path; null only when UpCloud itself says that there is none. */
export async function lookUp<T>(
  ctx: CallContext,
  account: Account,
  request: { readonly what: string; readonly path: string; readonly reply: ZodType<T> },
): Promise<T | null> {
  try {
    return await ask(ctx, account.client, { ...request, method: 'GET' });
  } catch (error) {
    if (error instanceof ProviderFault && error.error.class === 'not-found') return null;
    throw error;
  }
}

/** The reply, unless it is about another object than the one asked for. */
export function about<T>(reply: T, right: boolean, what: string, isWrite = false): T {
  if (right) return reply;
  throw fault(isWrite ? 'unknown-outcome' : 'transient', 'unreadable_reply', what, {
    why: 'the reply is about another object',
  });
}
