import { isObject, type Json, type JsonObject } from '../../schemas/json.ts';
import type { ArmedRule } from './faults.ts';
import type { CloudReply, CloudRequest } from './model.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

export function jsonReply(status: number, body: Json, headers: { readonly [name: string]: string } = {}): CloudReply {
  const text = JSON.stringify(body);
  return { status, headers: { ...JSON_TYPE, ...headers }, body: text, delayMs: 0, wire: 'answer', dripMs: 0 };
}

export function errorReply(
  status: number,
  error: { readonly code: string; readonly message: string; readonly extra?: JsonObject },
  headers: { readonly [name: string]: string } = {},
): CloudReply {
  return jsonReply(status, { error: { code: error.code, message: error.message, ...error.extra } }, headers);
}

/** A message that repeats what was sent, secrets and all, as broken servers do: a client must never show it. */
function gossip(request: CloudRequest): string {
  return `something broke while serving ${request.headers['authorization'] ?? 'nobody'}: ${request.body}`;
}

/** The answer to a request that a fault stopped before anything was done. */
export function stoppedReply(rule: ArmedRule, request: CloudRequest, nowMs: number): CloudReply {
  const hint = retryHint(rule, nowMs);
  switch (rule.fault) {
    case 'request-lost':
      return { ...jsonReply(200, null), wire: 'lost' };
    case 'error-500-before':
      return errorReply(500, { code: 'service_error', message: gossip(request) });
    case 'unavailable-503':
      return errorReply(503, { code: 'unavailable', message: 'under maintenance' }, hint);
    case 'rate-limited':
      return errorReply(429, { code: 'rate_limit_exceeded', message: 'too many requests' }, hint);
    case 'locked':
      return errorReply(423, { code: 'locked', message: 'an action runs on it' });
    case 'conflict':
      return errorReply(409, { code: 'conflict', message: 'somebody else changed it at the same time' });
    case 'quota':
      return errorReply(403, { code: 'quota_exceeded', message: 'the quota is used up', extra: { limit: 5, used: 5 } });
    case 'capacity':
      return errorReply(409, { code: 'out_of_stock', message: 'sold out' });
    default:
      return errorReply(401, { code: 'unauthorized', message: 'the token has expired' });
  }
}

function retryHint(rule: ArmedRule, nowMs: number): { readonly [name: string]: string } {
  if (rule.hint === 'none') return {};
  if (rule.hint === 'date')
    return { 'retry-after': new Date(nowMs + rule.ms).toUTCString(), date: new Date(nowMs).toUTCString() };
  return { 'retry-after': String(Math.ceil(rule.ms / 1_000)) };
}

/** The answer after a fault got hold of it; null when the fault finds nothing to spoil in it. */
export function spoiledReply(rule: ArmedRule, request: CloudRequest, reply: CloudReply): CloudReply | null {
  switch (rule.fault) {
    case 'answer-lost':
      return { ...reply, wire: 'lost' };
    case 'reset-mid-body':
      return { ...reply, wire: 'cut' };
    case 'error-500-after':
      return errorReply(500, { code: 'service_error', message: gossip(request) });
    case 'html':
      return {
        ...reply,
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: `<html><body>${gossip(request)}</body></html>`,
      };
    case 'truncated':
      return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
    case 'empty':
      return { ...reply, status: 200, body: '' };
    case 'slow-drip':
      return { ...reply, wire: 'drip', dripMs: rule.ms };
    case 'page-gap':
    case 'page-repeat':
      return spoiledPage(rule, reply);
    default:
      return spoiledFields(rule, reply);
  }
}

function spoiledPage(rule: ArmedRule, reply: CloudReply): CloudReply | null {
  const body = JSON.parse(reply.body) as { objects?: Json[] };
  if (reply.status !== 200 || body.objects === undefined || body.objects.length === 0) return null;
  const objects = rule.fault === 'page-gap' ? body.objects.slice(0, -1) : [...body.objects, ...body.objects.slice(-1)];
  return { ...reply, body: JSON.stringify({ ...body, objects }) };
}

function spoiledFields(rule: ArmedRule, reply: CloudReply): CloudReply | null {
  const body = JSON.parse(reply.body) as Json;
  if (reply.status >= 300 || !isObject(body)) return null;
  let text = '';
  switch (rule.fault) {
    case 'wrong-types':
      text = JSON.stringify(
        Object.fromEntries(Object.keys(body).map((key, at) => [key, at % 2 === 0 ? 17 : 'seventeen'])),
      );
      break;
    case 'null-id':
      text = reply.body.replace(/"id":"[^"]*"/, '"id":null');
      break;
    case 'huge-id':
      text = reply.body.replace(/"id":"[^"]*"/, '"id":9223372036854775808');
      break;
    default:
      text = reply.body.replace(/"state":"[^"]*"/g, '"state":"levitating","mood":{"new":[1]}');
  }
  return text === reply.body ? null : { ...reply, body: text };
}
