import type { JsonObject } from '../../../schemas/json.ts';
import { type Answer, FOREVER, Refusal, type Turn, listOf, objectOf, text } from './model.ts';
import { serverOf } from './lookup.ts';

/** Every field of a rule besides action and direction. */
const FIELDS = [
  'comment',
  'destination_address_end',
  'destination_address_start',
  'destination_port_end',
  'destination_port_start',
  'family',
  'icmp_type',
  'protocol',
  'source_address_end',
  'source_address_start',
  'source_port_end',
  'source_port_start',
] as const;
const MOST_RULES = 1_000;

function ruleOf(body: { readonly [field: string]: unknown }): JsonObject {
  const action = text(body['action'], 'ACTION_INVALID');
  const direction = text(body['direction'], 'DIRECTION_INVALID');
  if (action !== 'accept' && action !== 'drop') throw new Refusal(400, 'ACTION_INVALID', 'The action is invalid.');
  if (direction !== 'in' && direction !== 'out')
    throw new Refusal(400, 'DIRECTION_INVALID', 'The direction is invalid.');
  const rule = Object.fromEntries(
    FIELDS.map(field => [field, text(body[field], `${field.toUpperCase()}_INVALID`, '')]),
  );
  const hasAddress = rule['source_address_start'] !== '' || rule['destination_address_start'] !== '';
  if ((rule['protocol'] !== '' || hasAddress) && !['IPv4', 'IPv6'].includes(rule['family'] ?? ''))
    throw new Refusal(400, 'FAMILY_MISSING', 'A rule with a protocol or an address needs a family.');
  const hasPort = rule['destination_port_start'] !== '' || rule['source_port_start'] !== '';
  if (hasPort && rule['protocol'] !== 'tcp' && rule['protocol'] !== 'udp')
    throw new Refusal(400, 'PROTOCOL_INVALID', 'Only TCP and UDP have ports.');
  return { action, direction, ...rule };
}

function view(rule: JsonObject, at: number): JsonObject {
  return { ...rule, position: String(at + 1) };
}

export function listRules(turn: Turn): Answer {
  return { status: 200, body: { firewall_rules: { firewall_rule: serverOf(turn).rules.map(view) } } };
}

export function putRules(turn: Turn): Answer {
  const server = serverOf(turn);
  const rules = listOf(objectOf(turn.body['firewall_rules'])['firewall_rule']).map(ruleOf);
  if (rules.length > MOST_RULES) throw new Refusal(403, 'FIREWALL_RULE_LIMIT_REACHED', 'Too many rules.');
  if (server.state === 'maintenance')
    throw new Refusal(409, 'SERVER_STATE_ILLEGAL', 'The server is in the state maintenance.');
  server.rules = rules;
  return { status: 204, id: server.uuid };
}

export function createRule(turn: Turn): Answer {
  const server = serverOf(turn);
  const body = objectOf(turn.body['firewall_rule']);
  const at = Math.min(Number(body['position'] ?? FOREVER) - 1, server.rules.length);
  const rule = ruleOf(body);
  server.rules.splice(at, 0, rule);
  return { status: 201, body: { firewall_rule: view(rule, at) } };
}

function positionOf(turn: Turn): { readonly rule: JsonObject; readonly at: number } {
  const at = Number(turn.args[1]) - 1;
  const rule = serverOf(turn).rules[at];
  if (rule === undefined) throw new Refusal(404, 'FIREWALL_RULE_NOT_FOUND', 'There is no such rule.');
  return { rule, at };
}

export function getRule(turn: Turn): Answer {
  const { rule, at } = positionOf(turn);
  return { status: 200, body: { firewall_rule: view(rule, at) } };
}

export function deleteRule(turn: Turn): Answer {
  const { at } = positionOf(turn);
  serverOf(turn).rules.splice(at, 1);
  return { status: 204 };
}
