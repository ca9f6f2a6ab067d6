import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import type { CreateRequest, UpdateRequest } from '../../schemas/provider.ts';
import type { Goal as CommonGoal } from '../course/goal.ts';
import { FirewallRule } from './replies.ts';
import { compiledRules } from './rules.ts';

/** What an object shall become. */
export interface Goal extends CommonGoal {
  /** The rule list of the server; absent where it is not ours to change. */
  readonly rules?: z.infer<typeof FirewallRule>[];
}

const Rules = z.array(FirewallRule);

/** The firewalls of a server are no objects here, so the goal holds what they come to. */
export function extraOf(request: CreateRequest | UpdateRequest): Json | undefined {
  const fields = 'fields' in request ? request.fields : Object.keys(request.spec);
  const isRuled = request.kind === 'server' && fields.includes('firewalls');
  return isRuled ? ([...compiledRules(request.spec, request.virtual ?? {})] as unknown as Json) : undefined;
}

/** The goal with its rules. */
export function ruled(goal: CommonGoal): Goal {
  const rules = Rules.safeParse(goal.extra);
  return rules.success ? { ...goal, rules: rules.data } : goal;
}
