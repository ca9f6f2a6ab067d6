import { LABEL } from '../../schemas/owner.ts';
import { createHash } from 'node:crypto';
import { execute } from './calls.ts';
import { type ArmedRule, FAULTS } from './faults.ts';
import { rulesOf } from './kinds.ts';
import { type CloudReply, type CloudRequest, type LedgerEntry, Refusal } from './model.ts';
import { errorReply, jsonReply, spoiledReply } from './replies.ts';
import type { Answer, Bends, Call } from './resources.ts';
import type { Route } from './route.ts';
import type { Store } from './store.ts';

/** What became of one request. */
export interface Turn {
  readonly reply: CloudReply;
  readonly effect: string;
  /** The object it was about. */
  readonly id: string | null;
  readonly kind?: string | null;
  /** The rule that fired. */
  readonly rule?: ArmedRule;
}

/** Does the work, and turns a refusal into its answer. */
export function attempt(work: () => Answer): Turn {
  try {
    const { status, body, ...rest } = work();
    return { ...rest, reply: jsonReply(status, body) };
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    throw error;
  }
}

export function refused(refusal: Refusal): Turn {
  const { status, code, message, extra } = refusal;
  return { reply: errorReply(status, { code, message, extra }), effect: 'none', id: null };
}

/** Does what was asked, once or twice, and lets an armed fault spoil the answer. */
export function bentTurn(call: Call, rule: ArmedRule | undefined, kind: string | null): Turn {
  const first = { kind, ...attempt(() => execute(call)) };
  if (rule === undefined) return first;
  if (rule.fault === 'sent-twice') {
    const second = attempt(() => execute(call));
    return { ...first, reply: second.reply, effect: joinedEffects([first.effect, second.effect]), rule };
  }
  if (FAULTS[rule.fault].phase === 'after') {
    const reply = spoiledReply(rule, call.request, first.reply);
    return reply === null ? first : { ...first, reply, rule };
  }
  return happened(rule, call, first) ? { ...first, rule } : first;
}

/** Whether a fault that bends the work really had something to bend. */
function happened(rule: ArmedRule, call: Call, turn: Turn): boolean {
  if (rule.fault === 'half-done') return turn.reply.status === 422 || call.route.operation === 'poll';
  if (rule.fault === 'invisible' || rule.fault === 'still-listed') return turn.reply.status < 300;
  return turn.reply.status < 300 && turn.kind != null && rulesOf(turn.kind)?.asynchronous === true;
}

export function bendsOf(rule: ArmedRule | undefined): Bends {
  switch (rule?.fault) {
    case 'action-fails':
      return { actionFails: rule.code };
    case 'action-stuck':
      return { actionStuck: true };
    case 'invisible':
      return { hideMs: rule.ms };
    case 'still-listed':
      return { keepListedMs: rule.ms };
    case 'half-done':
      return { half: true };
    default:
      return {};
  }
}

/** `none` when none of them was any. */
export function joinedEffects(effects: readonly string[]): string {
  const some = effects.filter(effect => effect !== 'none');
  return some.length === 0 ? 'none' : some.join(', ');
}

/** The line of the ledger. */
export function entryOf(
  request: CloudRequest,
  route: Route,
  turn: Turn,
  at: { readonly seq: number; readonly nowMs: number; readonly store: Store },
): LedgerEntry {
  const id = turn.id ?? route.id;
  const object = id === null ? undefined : (at.store.objects.get(id) ?? at.store.graves.get(id)?.object);
  const labels = object?.labels ?? {};
  return {
    seq: at.seq,
    at: at.nowMs,
    method: request.method,
    path: request.path,
    operation: route.operation,
    kind: object?.kind ?? turn.kind ?? route.kind,
    id,
    token: request.headers['idempotency-key'] ?? null,
    opId: labels[LABEL.operation] ?? null,
    workspace: labels[LABEL.workspace] ?? null,
    address: labels[LABEL.address] ?? null,
    client: request.headers['x-provisioning-client'] ?? null,
    epoch: request.headers['x-provisioning-epoch'] ?? null,
    bodyDigest: request.body === '' ? null : createHash('sha256').update(request.body).digest('hex'),
    effect: turn.effect,
    status: turn.reply.status,
    fault: turn.rule === undefined ? null : { rule: turn.rule.id, name: turn.rule.fault },
  };
}
