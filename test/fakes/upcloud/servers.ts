import type { JsonObject } from '../../../schemas/json.ts';
import { attachedDevice, deviceView, newDevice } from './devices.ts';
import {
  type Answer,
  FOREVER,
  PREFIX,
  Refusal,
  type Server,
  type ServerState,
  type Turn,
  hasLabels,
  known,
  labelsOf,
  listOf,
  newUuid,
  objectOf,
  text,
  wire,
} from './model.ts';
import { mustBe, serverOf } from './lookup.ts';
import { newNic, nicView, releaseNic } from './nics.ts';
import { ZONES, planNamed } from './seeds.ts';
import { removeStorage } from './storages.ts';

const NAMED: readonly (readonly [string, keyof Server])[] = [
  ['title', 'title'],
  ['hostname', 'hostname'],
  ['metadata', 'metadata'],
  ['firewall', 'firewall'],
  ['simple_backup', 'simpleBackup'],
  ['timezone', 'timezone'],
  ['boot_order', 'bootOrder'],
  ['nic_model', 'nicModel'],
  ['video_model', 'videoModel'],
  ['remote_access_enabled', 'remoteAccess'],
];
const KNOWN = new Set([
  ...NAMED.map(([field]) => field),
  ...'zone plan core_number memory_amount labels networking storage_devices login_user user_data'.split(' '),
  ...'password_delivery server_group avoid_host host remote_access_type tags'.split(' '),
]);

/** In the list there is neither an address nor a disk. */
function summary(turn: Turn, server: Server, groups = groupsOf(turn)): JsonObject {
  return {
    core_number: String(server.cores),
    created: server.created,
    ...(server.state === 'stopped' ? {} : { host: server.host }),
    hostname: server.hostname,
    labels: { label: server.labels.map(wire) },
    license: 0,
    memory_amount: String(server.memory),
    plan: server.plan,
    plan_ipv4_bytes: '0',
    plan_ipv6_bytes: '0',
    server_group: groups.get(server.uuid) ?? null,
    simple_backup: server.simpleBackup,
    state: server.state,
    tags: { tag: server.tags },
    title: server.title,
    uuid: server.uuid,
    zone: server.zone,
  };
}

/** The groups of servers by server. */
function groupsOf(turn: Turn): ReadonlyMap<string, string> {
  const groups = Object.values(turn.state.groups);
  return new Map(groups.flatMap(group => group.servers.map((server): [string, string] => [server, group.uuid])));
}

export function serverView(turn: Turn, server: Server): JsonObject {
  const addresses = Object.values(turn.state.addresses).filter(address => address.server === server.uuid);
  return {
    ...summary(turn, server),
    boot_order: server.bootOrder,
    devices: { device: [] },
    firewall: server.firewall,
    ip_addresses: { ip_address: addresses.map(({ access, address, family }) => ({ access, address, family })) },
    metadata: server.metadata,
    networking: { interfaces: { interface: server.nics.map(nic => nicView(turn, nic)) } },
    nic_model: server.nicModel,
    ...(server.state === 'maintenance' ? { progress: '50' } : {}),
    remote_access_enabled: server.remoteAccess,
    remote_access_password: 'remote-secret',
    remote_access_type: 'vnc',
    storage_devices: { storage_device: server.devices.map(device => deviceView(turn, device)) },
    timezone: server.timezone,
    video_model: server.videoModel,
  };
}

export function answered(turn: Turn, server: Server, status = 200, more: JsonObject = {}): Answer {
  return { status, id: server.uuid, body: { server: { ...serverView(turn, server), ...more } } };
}

export function listServers(turn: Turn): Answer {
  const groups = groupsOf(turn);
  const servers = Object.values(turn.state.servers).filter(server => hasLabels(server.labels, turn.query));
  return { status: 200, body: { servers: { server: servers.map(server => summary(turn, server, groups)) } } };
}

/** Starts something that ends after the time that actions take: the state it shows until then, and the one after. */
function begin(turn: Turn, server: Server, shown: ServerState, after: ServerState): void {
  const at = turn.bend.stuck === true ? FOREVER : turn.now + turn.settings.actionMs;
  server.state = shown;
  server.next = { state: turn.bend.fails === true ? 'error' : after, at };
}

function sizes(body: JsonObject): { plan: string; cores: number; memory: number; disk: number } | null {
  if (body['plan'] !== undefined && body['plan'] !== 'custom') {
    const plan = planNamed(text(body['plan'], 'PLAN_INVALID'));
    if (plan === undefined) throw new Refusal(404, 'PLAN_NOT_FOUND', 'The plan does not exist.');
    return { plan: String(body['plan']), ...plan };
  }
  if (body['core_number'] === undefined && body['memory_amount'] === undefined) return null;
  return { plan: 'custom', cores: Number(body['core_number']), memory: Number(body['memory_amount']), disk: 10 };
}

function checked(turn: Turn): JsonObject {
  const body = objectOf(turn.body['server']) as JsonObject;
  for (const field of Object.keys(body))
    if (!KNOWN.has(field)) throw new Refusal(400, 'UNKNOWN_ATTRIBUTE', `The attribute ${field} is not known.`);
  return body;
}

export function createServer(turn: Turn): Answer {
  const body = checked(turn);
  const zone = text(body['zone'], 'ZONE_MISSING');
  if (!(ZONES as readonly string[]).includes(zone))
    throw new Refusal(404, 'ZONE_NOT_FOUND', 'The zone does not exist.');
  const size = sizes(body) ?? { plan: 'custom', cores: 1, memory: 1_024, disk: 10 };
  const { limits } = turn.settings;
  const servers = Object.values(turn.state.servers);
  const used = servers.reduce((sum, server) => sum + server.cores, 0);
  if (used + size.cores > (limits['cores'] ?? FOREVER))
    throw new Refusal(403, 'SERVER_CORE_LIMIT_REACHED', 'The core limit of the account is reached.');
  const nics = listOf(objectOf(objectOf(body['networking'])['interfaces'])['interface']);
  const disks = listOf(objectOf(body['storage_devices'])['storage_device']);
  if (disks.length === 0) throw new Refusal(400, 'STORAGE_DEVICES_MISSING', 'A server needs a storage device.');
  const login = objectOf(body['login_user']);
  const uuid = newUuid(turn.state, PREFIX.server);
  const server: Server = {
    uuid,
    title: text(body['title'], 'TITLE_MISSING'),
    hostname: text(body['hostname'], 'HOSTNAME_MISSING'),
    zone,
    plan: size.plan,
    cores: size.cores,
    memory: size.memory,
    created: Math.floor(turn.now / 1_000),
    host: 5_872_304_771 + turn.state.serial,
    state: 'maintenance',
    next: null,
    firewall: body['firewall'] === 'on' ? 'on' : 'off',
    metadata: body['metadata'] === 'yes' ? 'yes' : 'no',
    simpleBackup: text(body['simple_backup'], 'SIMPLE_BACKUP_INVALID', 'no'),
    timezone: text(body['timezone'], 'TIMEZONE_INVALID', 'UTC'),
    bootOrder: text(body['boot_order'], 'BOOT_ORDER_INVALID', 'disk'),
    nicModel: 'virtio',
    videoModel: text(body['video_model'], 'VIDEO_MODEL_INVALID', 'vga'),
    remoteAccess: body['remote_access_enabled'] === 'yes' ? 'yes' : 'no',
    user: text(login['username'], 'USERNAME_INVALID', 'root'),
    userData: text(body['user_data'], 'USER_DATA_INVALID', ''),
    keys: ((objectOf(login['ssh_keys'])['ssh_key'] ?? []) as string[]).map(String),
    labels: labelsOf(body['labels']) ?? [],
    tags: [],
    nics: [],
    devices: [],
    rules: [],
  };
  const group = body['server_group'];
  const joined = group === undefined ? null : known(turn.state.groups, String(group), 'SERVER_GROUP');
  // Everything is checked before anything is kept: a refused server leaves no disk and no address behind.
  const given = new Set(disks.map(disk => disk['storage']));
  try {
    for (const disk of disks) newDevice(turn, server, disk, size.disk);
    for (const nic of nics) newNic(turn, server, nic);
  } catch (error) {
    for (const device of server.devices) if (!given.has(device.storage)) delete turn.state.storages[device.storage];
    for (const nic of server.nics) releaseNic(turn, nic);
    throw error;
  }
  turn.state.servers[uuid] = server;
  joined?.servers.push(uuid);
  begin(turn, server, 'maintenance', 'started');
  return answered(turn, server, 202, { progress: '0', password: 'first-secret', username: server.user });
}

export function modifyServer(turn: Turn): Answer {
  const server = serverOf(turn);
  const body = checked(turn);
  mustBe(server, 'started', 'stopped');
  const size = sizes(body);
  const resized = size !== null && (size.cores !== server.cores || size.memory !== server.memory);
  if (resized) mustBe(server, 'stopped');
  const labels = labelsOf(body['labels']);
  if (size !== null) Object.assign(server, { plan: size.plan, cores: size.cores, memory: size.memory });
  if (labels !== undefined) server.labels = labels;
  for (const [field, own] of NAMED)
    if (body[field] !== undefined)
      Object.assign(server, { [own]: text(body[field], `${field.toUpperCase()}_INVALID`) });
  return answered(turn, server, 202);
}

export function startServer(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'stopped');
  begin(turn, server, 'maintenance', 'started');
  // The answer still shows it as it is going to be.
  return { status: 200, id: server.uuid, body: { server: startedView(turn, server) } };
}

function startedView(turn: Turn, server: Server): JsonObject {
  const { progress: _progress, ...shown } = serverView(turn, { ...server, state: 'started' });
  return shown;
}

export function stopServer(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'started');
  const type = objectOf(turn.body['stop_server'])['stop_type'] ?? 'soft';
  if (type !== 'soft' && type !== 'hard') throw new Refusal(400, 'STOP_TYPE_INVALID', 'The stop type is invalid.');
  // Switching off does not ask the server, so that it cannot hang.
  begin(type === 'hard' ? { ...turn, bend: {} } : turn, server, 'started', 'stopped');
  // A server that does not listen is left as it is when its time is over.
  const timeoutMs = Number(objectOf(turn.body['stop_server'])['timeout'] ?? 60) * 1_000;
  if (type === 'soft' && turn.bend.stuck === true) server.next = { state: 'started', at: turn.now + timeoutMs };
  return answered(turn, server);
}

export function restartServer(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'started');
  const shown = answered(turn, server);
  begin(turn, server, 'maintenance', 'started');
  return shown;
}

export function relocateServer(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'stopped');
  const zone = text(turn.body['zone'], 'ZONE_MISSING');
  Object.assign(server, { zone });
  const shown = answered(turn, server);
  begin(turn, server, 'maintenance', 'stopped');
  return shown;
}

export function deleteServer(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'stopped', 'error');
  const { state, query } = turn;
  const disks = server.devices.filter(device => device.type === 'disk').map(device => device.storage);
  for (const nic of server.nics) releaseNic(turn, nic);
  delete state.servers[server.uuid];
  for (const group of Object.values(state.groups)) group.servers = group.servers.filter(id => id !== server.uuid);
  for (const tag of Object.values(state.tags)) tag.servers = tag.servers.filter(id => id !== server.uuid);
  if (['1', 'true'].includes(query.get('storages') ?? '')) for (const disk of disks) removeStorage(turn, disk);
  return { status: 204, id: server.uuid };
}

export function attachStorage(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'started', 'stopped');
  attachedDevice(turn, server, objectOf(turn.body['storage_device']));
  return answered(turn, server);
}

export function detachStorage(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'started', 'stopped');
  const address = text(objectOf(turn.body['storage_device'])['address'], 'ADDRESS_MISSING');
  const device = server.devices.find(one => one.address === address);
  if (device === undefined) throw new Refusal(404, 'STORAGE_DEVICE_NOT_FOUND', 'Nothing is attached there.');
  server.devices = server.devices.filter(one => one !== device);
  return answered(turn, server);
}

export function loadCdrom(turn: Turn): Answer {
  const server = serverOf(turn);
  const wanted = text(objectOf(turn.body['storage_device'])['storage'], 'STORAGE_MISSING');
  const storage = known(turn.state.storages, wanted, 'STORAGE');
  const drive = server.devices.find(device => device.type === 'cdrom');
  if (drive === undefined) throw new Refusal(409, 'NO_CDROM_DEVICE', 'The server has no CD drive.');
  drive.storage = storage.uuid;
  return answered(turn, server);
}

export function ejectCdrom(turn: Turn): Answer {
  const server = serverOf(turn);
  const drive = server.devices.find(device => device.type === 'cdrom');
  if (drive !== undefined) drive.storage = '';
  return answered(turn, server);
}
