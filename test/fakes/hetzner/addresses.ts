import { time } from './actions.ts';
import { locationOf, LOCATIONS } from './catalogue.ts';
import type { Answer, Kept, State, Turn } from './model.ts';
import { act, keep, referred, requestsOf, subject } from './objects.ts';
import { must } from './rules.ts';
import { numberOf, textOf } from './ranges.ts';

/** A public address that nothing else has. */
export function publicAddress(state: State): string {
  state.serial += 1;
  return textOf(numberOf('198.18.0.0') + state.serial);
}

export function publicRange(state: State): string {
  state.serial += 1;
  return `2001:db8:${state.serial.toString(16)}::/64`;
}

export function shownFloating(_state: State, floating: Kept): object {
  return {
    id: floating.id,
    name: floating.name,
    description: floating['description'] ?? null,
    ip: floating['ip'],
    type: floating['type'],
    server: floating['server'],
    dns_ptr: [],
    home_location: LOCATIONS.find(location => location.name === floating['location']),
    blocked: false,
    protection: floating.protection,
    labels: floating.labels,
    created: time(floating.created),
  };
}

export const floatingIps = requestsOf('floating_ips', shownFloating);

export function createFloating(turn: Turn): Answer {
  const { body, state } = turn;
  const server = body['server'] === undefined ? null : referred(turn, 'servers', body['server']);
  must(server !== null || typeof body['home_location'] === 'string', 'bad-input');
  const location = locationOf(String(body['home_location'] ?? server?.['location']));
  const ip = body['type'] === 'ipv6' ? publicRange(state) : publicAddress(state);
  const floating = keep(turn, 'floating_ips', {
    ip,
    type: body['type'],
    description: body['description'] ?? null,
    location: location.name,
    server: server?.id ?? null,
  });
  return { status: 201, body: floatingIps.one(turn, floating), id: floating.id };
}

export function assignFloating(turn: Turn): Answer {
  const object = subject(turn, 'floating_ips');
  const server = referred(turn, 'servers', turn.body['server']);
  const also = [['servers', server.id]] as const;
  return act(turn, 'floating_ips', { object, command: 'assign_floating_ip', patch: { server: server.id }, also });
}

export function unassignFloating(turn: Turn): Answer {
  const object = subject(turn, 'floating_ips');
  return act(turn, 'floating_ips', { object, command: 'unassign_floating_ip', patch: { server: null } });
}

export const deleteFloating = floatingIps.remove((_turn, floating) =>
  must(floating['server'] === null, 'address-assigned'),
);
