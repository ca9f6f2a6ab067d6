import { begin, shownAction, time } from './actions.ts';
import type { Answer, Fields, Kept, KeptAction, State, Turn } from './model.ts';
import { keep, referred, requestsOf, subject } from './objects.ts';
import { must } from './rules.ts';

/** Servers that a firewall is applied to, by id; those that are gone have let go of it. */
const appliedTo = (state: State, firewall: Kept): readonly number[] =>
  (firewall['applied_to'] as number[]).filter(id => state.servers[id] !== undefined);

export function firewallsOn(state: State, server: number): readonly number[] {
  return Object.values(state.firewalls)
    .filter(firewall => appliedTo(state, firewall).includes(server))
    .map(({ id }) => id);
}

export function shownFirewall(state: State, firewall: Kept): object {
  return {
    id: firewall.id,
    name: firewall.name,
    labels: firewall.labels,
    created: time(firewall.created),
    rules: firewall['rules'],
    applied_to: appliedTo(state, firewall).map(id => ({ type: 'server', server: { id } })),
  };
}

export const firewalls = requestsOf('firewalls', shownFirewall);

interface Rule {
  readonly direction: 'in' | 'out';
  readonly protocol: string;
  readonly port?: string | null;
  readonly source_ips?: readonly string[];
  readonly destination_ips?: readonly string[];
  readonly description?: string | null;
}

/** Rules as they are shown: with all fields, and only those that fit together. */
function rulesIn(body: Fields): readonly object[] {
  return ((body['rules'] ?? []) as Rule[]).map(rule => {
    const { direction, protocol, source_ips: from = [], destination_ips: to = [] } = rule;
    const hasPort = typeof rule.port === 'string' && rule.port !== '';
    const [near, far] = direction === 'in' ? [from, to] : [to, from];
    must(hasPort === ['tcp', 'udp'].includes(protocol) && near.length > 0 && far.length === 0, 'rule-ports');
    return {
      direction,
      protocol,
      port: hasPort ? rule.port : null,
      source_ips: from,
      destination_ips: to,
      description: rule.description ?? null,
    };
  });
}

/** Ids of the servers in a list of resources. */
function serversIn(turn: Turn, field: string): readonly Kept[] {
  const resources = (turn.body[field] ?? []) as { readonly type: string; readonly server?: { readonly id: number } }[];
  return resources.map(resource => {
    // Selectors are a kind of rule of their own that nothing here uses.
    must(resource.type === 'server', 'bad-input');
    return referred(turn, 'servers', resource.server?.id);
  });
}

function applied(turn: Turn, firewall: Kept, command: string, to: readonly number[]): KeptAction {
  const effects = [{ collection: 'firewalls', id: firewall.id, patch: { applied_to: to } }] as const;
  return begin(turn, { command, on: [['firewalls', firewall.id]], effects });
}

export function createFirewall(turn: Turn): Answer {
  const rules = rulesIn(turn.body);
  const to = serversIn(turn, 'apply_to').map(({ id }) => id);
  const firewall = keep(turn, 'firewalls', { rules, applied_to: [] });
  const actions = to.length === 0 ? [] : [applied(turn, firewall, 'apply_firewall', to)];
  const body = { ...firewalls.one(turn, firewall), actions: actions.map(shownAction) };
  return { status: 201, body, id: firewall.id };
}

export function setRules(turn: Turn): Answer {
  const firewall = subject(turn, 'firewalls');
  const effects = [{ collection: 'firewalls', id: firewall.id, patch: { rules: rulesIn(turn.body) } }] as const;
  const action = begin(turn, { command: 'set_firewall_rules', on: [['firewalls', firewall.id]], effects });
  return { status: 201, body: { actions: [shownAction(action)] }, id: firewall.id };
}

export function applyFirewall(turn: Turn): Answer {
  const firewall = subject(turn, 'firewalls');
  const servers = serversIn(turn, 'apply_to');
  must(
    servers.every(server => !appliedTo(turn.state, firewall).includes(server.id)),
    'firewall-applied',
  );
  must(
    servers.every(server => server['ipv4'] !== null || server['ipv6'] !== null),
    'firewall-needs-public',
  );
  const action = applied(turn, firewall, 'apply_firewall', [
    ...appliedTo(turn.state, firewall),
    ...servers.map(({ id }) => id),
  ]);
  return { status: 201, body: { actions: [shownAction(action)] }, id: firewall.id };
}

export function removeFirewall(turn: Turn): Answer {
  const firewall = subject(turn, 'firewalls');
  const gone = serversIn(turn, 'remove_from').map(({ id }) => id);
  must(
    gone.every(id => appliedTo(turn.state, firewall).includes(id)),
    'firewall-not-applied',
  );
  const left = appliedTo(turn.state, firewall).filter(id => !gone.includes(id));
  const action = applied(turn, firewall, 'remove_firewall', left);
  return { status: 201, body: { actions: [shownAction(action)] }, id: firewall.id };
}

export const deleteFirewall = firewalls.remove((turn, firewall) =>
  must(appliedTo(turn.state, firewall).length === 0, 'firewall-in-use'),
);
