import { BALANCER_TYPES, SERVER_TYPES } from './catalogue.ts';
import { applyFirewall, join, made, shownRules } from './creation.ts';
import { release } from './effects.ts';
import { type Body, type FakeAction, MEMBER, Refusal, type Settings, type State } from './model.ts';

/** One write with what it may use. */
export interface Turn {
  readonly state: State;
  readonly settings: Settings;
  readonly now: number;
  readonly body: Body;
  /** The creation fails, or its action never ends. */
  readonly bend: { readonly fails?: true; readonly stuck?: true };
}

export interface Answer {
  readonly status: number;
  readonly body?: Body;
}

/** Names of actions by collection and the last word of the path, where they differ from that word. */
const COMMANDS: { readonly [path: string]: string } = {
  'servers/poweron': 'poweron',
  'servers/shutdown': 'shutdown_server',
  'servers/change_type': 'change_server_type',
  'load_balancers/change_type': 'change_load_balancer_type',
  'volumes/attach': 'attach_volume',
  'volumes/detach': 'detach_volume',
  'volumes/resize': 'resize_volume',
  'floating_ips/assign': 'assign_floating_ip',
  'floating_ips/unassign': 'unassign_floating_ip',
};

function objectOf(state: State, collection: string, id: number): Body {
  const object = state.objects[collection]?.[id];
  if (object === undefined) throw new Refusal(404, 'not_found', `${collection} ${id} not found`);
  return object;
}

function admitLabels(labels: unknown): void {
  for (const [key, value] of Object.entries((labels ?? {}) as { [key: string]: string })) {
    const isKey = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/.test(
      key,
    );
    const isValue = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?)?$/.test(value);
    if (!isKey || !isValue) throw new Refusal(422, 'invalid_input', `invalid label ${key}`);
  }
}

function assertUnique(state: State, collection: string, name: unknown, except?: number): void {
  const taken = Object.values(state.objects[collection] ?? {}).some(
    one => one['name'] === name && one['id'] !== except,
  );
  if (taken) throw new Refusal(409, 'uniqueness_error', 'name is already used');
}

/** Starts an action, and shows it. */
function begin(
  turn: Turn,
  what: { command: string; kind: string; target: number; input?: Body },
  isCreation = false,
): FakeAction {
  const { state, settings, now, bend } = turn;
  state.serial += 1;
  const endsAt = isCreation && bend.stuck ? Number.MAX_SAFE_INTEGER : now + settings.actionMs;
  const action: FakeAction = {
    id: state.serial,
    command: what.command,
    kind: what.kind,
    target: what.target,
    started: now,
    endsAt,
    input: what.input ?? {},
    status: 'running',
    code: isCreation && bend.fails ? 'action_failed' : null,
  };
  state.actions[action.id] = action;
  return action;
}

export function shownAction(action: FakeAction): Body {
  const isOver = action.status !== 'running';
  return {
    id: action.id,
    command: action.command,
    status: action.status,
    progress: isOver ? 100 : 0,
    started: new Date(action.started).toISOString(),
    finished: isOver ? new Date(action.endsAt).toISOString() : null,
    resources: [{ id: action.target, type: action.kind }],
    error: action.status === 'error' ? { code: action.code ?? 'action_failed', message: 'Action failed' } : null,
  };
}

export function create(turn: Turn, collection: string): Answer & { readonly id: number } {
  const { state, settings, now, body } = turn;
  admitLabels(body['labels']);
  assertUnique(state, collection, body['name']);
  const objects = state.objects[collection];
  if (objects === undefined) throw new Refusal(404, 'not_found', 'no such path');
  if (Object.keys(objects).length >= settings.quota) throw new Refusal(403, 'resource_limit_exceeded', 'limit reached');
  if (collection === 'servers' && !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(String(body['name'])))
    throw new Refusal(422, 'invalid_input', 'name is no valid hostname');
  state.serial += 1;
  const id = state.serial;
  const built = made(state, collection, id, body);
  const object: Body = {
    id,
    name: body['name'],
    ...built.body,
    labels: { ...(body['labels'] as object) },
    created: new Date(now).toISOString(),
  };
  objects[id] = object;
  join(state, collection, object, body);
  const kind = MEMBER[collection] ?? collection;
  const [first, ...rest] = built.commands.map((command, at) =>
    begin(turn, { command, kind, target: id, input: body }, at === 0),
  );
  // What cannot begin before the creation has ended is over when it fails.
  return {
    id,
    status: 201,
    body: {
      [kind]: object,
      ...(collection === 'firewalls' ? { actions: [] } : {}),
      ...(first === undefined ? {} : { action: shownAction(first) }),
      ...(collection === 'servers' ? { next_actions: rest.map(shownAction), root_password: null } : {}),
      ...(collection === 'volumes' ? { next_actions: rest.map(shownAction) } : {}),
    },
  };
}

export function update(turn: Turn, collection: string, id: number): Answer {
  const { state, body } = turn;
  const object = objectOf(state, collection, id);
  if (body['name'] !== undefined) {
    assertUnique(state, collection, body['name'], id);
    object['name'] = body['name'];
  }
  if (body['labels'] !== undefined) {
    admitLabels(body['labels']);
    object['labels'] = body['labels'];
  }
  return { status: 200, body: { [MEMBER[collection] ?? '']: object } };
}

function assertFree(state: State, kind: string, id: number): void {
  if (isLocked(state, kind, id)) throw new Refusal(423, 'locked', 'another action is running');
}

export function isLocked(state: State, kind: string, id: number): boolean {
  return Object.values(state.actions).some(one => one.kind === kind && one.target === id && one.status === 'running');
}

export function remove(turn: Turn, collection: string, id: number): Answer {
  const { state } = turn;
  const object = objectOf(state, collection, id);
  const kind = MEMBER[collection] ?? collection;
  if ((object['protection'] as Body | undefined)?.['delete'] === true)
    throw new Refusal(423, 'protected', 'it is protected');
  assertFree(state, kind, id);
  if (collection === 'firewalls' && (object['applied_to'] as Body[]).length > 0)
    throw new Refusal(422, 'resource_in_use', 'the firewall is applied');
  if (collection === 'volumes' && object['server'] !== null)
    throw new Refusal(422, 'volume_already_attached', 'the volume is attached');
  if (collection === 'floating_ips' && object['server'] !== null)
    throw new Refusal(422, 'must_be_unassigned', 'the address is assigned');
  if (collection === 'servers') {
    object['status'] = 'deleting';
    return { status: 200, body: { action: shownAction(begin(turn, { command: 'delete_server', kind, target: id })) } };
  }
  delete state.objects[collection]?.[id];
  return { status: 204 };
}

/** `POST /{collection}/{id}/actions/{word}`. */
export function act(turn: Turn, collection: string, id: number, word: string): Answer {
  const { state, body } = turn;
  const object = objectOf(state, collection, id);
  const kind = MEMBER[collection] ?? collection;
  const command = COMMANDS[`${collection}/${word}`] ?? word;
  if (word === 'change_protection') {
    Object.assign(object['protection'] as Body, body);
    return {
      status: 201,
      body: { action: { ...shownAction(begin(turn, { command, kind, target: id })), status: 'running' } },
    };
  }
  if (collection === 'firewalls') return actOnFirewall(turn, object, word);
  assertFree(state, kind, id);
  check(turn, { collection, object, word });
  const input = word === 'change_type' && collection === 'load_balancers' ? { type: balancerType(body) } : body;
  return { status: 201, body: { action: shownAction(begin(turn, { command, kind, target: id, input })) } };
}

function balancerType(body: Body): Body {
  const found = BALANCER_TYPES.find(one => one['name'] === body['load_balancer_type']);
  if (found === undefined) throw new Refusal(422, 'invalid_input', 'unknown type');
  return found;
}

/** Behaviour that the description of the API does not hold. Sources: the official clients and the Terraform provider. */
function check({ state, body }: Turn, at: { collection: string; object: Body; word: string }): void {
  const { collection, object, word } = at;
  const stop = (code: string): never => {
    throw new Refusal(422, code, code);
  };
  switch (`${collection}/${word}`) {
    case 'servers/change_type':
    case 'servers/add_to_placement_group':
    case 'servers/remove_from_placement_group':
      if (object['status'] !== 'off') stop('server_not_stopped');
      if (word === 'change_type' && !SERVER_TYPES.some(one => one['name'] === body['server_type']))
        stop('invalid_server_type');
      break;
    case 'servers/attach_to_network':
      objectOf(state, 'networks', Number(body['network']));
      if ((object['private_net'] as Body[]).some(one => one['network'] === body['network']))
        stop('server_already_attached');
      break;
    case 'servers/detach_from_network':
      if (!(object['private_net'] as Body[]).some(one => one['network'] === body['network']))
        stop('server_not_attached_to_network');
      break;
    case 'volumes/attach':
      objectOf(state, 'servers', Number(body['server']));
      if (object['server'] !== null) stop('volume_already_attached');
      break;
    case 'volumes/resize':
      if (Number(body['size']) <= Number(object['size'])) stop('invalid_input');
      break;
    case 'floating_ips/assign':
      objectOf(state, 'servers', Number(body['server']));
      break;
    case 'networks/add_subnet':
      if ((object['subnets'] as Body[]).some(one => one['ip_range'] === body['ip_range'])) stop('networks_overlap');
      break;
    case 'networks/delete_subnet':
      if (Object.values(state.objects['servers'] ?? {}).some(one => stands(one, object, body))) stop('resource_in_use');
      break;
    case 'load_balancers/add_target':
      objectOf(state, 'servers', Number((body['server'] as Body)['id']));
      break;
  }
}

function stands(server: Body, network: Body, body: Body): boolean {
  const start = String(body['ip_range']).split('.').slice(0, 3).join('.');
  return (server['private_net'] as Body[]).some(
    one => one['network'] === network['id'] && String(one['ip']).startsWith(`${start}.`),
  );
}

function actOnFirewall(turn: Turn, object: Body, word: string): Answer {
  const { state, body } = turn;
  const id = Number(object['id']);
  const servers = (field: string): Body[] =>
    ((body[field] ?? []) as Body[]).map(one => objectOf(state, 'servers', Number((one['server'] as Body)['id'])));
  if (word === 'set_rules') object['rules'] = shownRules(body['rules']);
  for (const server of servers('apply_to')) {
    applyFirewall(server, id);
    (object['applied_to'] as Body[]).push({ type: 'server', server: { id: server['id'] }, applied_to_resources: [] });
  }
  for (const server of servers('remove_from')) {
    release(object, Number(server['id']));
    const net = server['public_net'] as Body;
    net['firewalls'] = (net['firewalls'] as Body[]).filter(one => one['id'] !== id);
  }
  const command = word === 'set_rules' ? 'set_firewall_rules' : 'apply_firewall';
  return { status: 201, body: { actions: [shownAction(begin(turn, { command, kind: 'firewall', target: id }))] } };
}
