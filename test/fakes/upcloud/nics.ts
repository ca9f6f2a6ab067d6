import type { JsonObject } from '../../../schemas/json.ts';
import {
  type Answer,
  type Network,
  type Nic,
  Refusal,
  type Server,
  type Turn,
  known,
  listOf,
  objectOf,
  text,
} from './model.ts';
import { mustBe, serverOf } from './lookup.ts';

type Body = { readonly [field: string]: unknown };

export function nicView(turn: Turn, nic: Nic): JsonObject {
  return {
    bootable: nic.bootable,
    index: nic.index,
    ip_addresses: {
      ip_address: nic.addresses.map(({ address, family }) => ({
        address,
        dhcp_provided: 'yes',
        family,
        floating: turn.state.addresses[address]?.floating === true ? 'yes' : 'no',
        release_policy: 'release',
      })),
    },
    mac: nic.mac,
    network: nic.network,
    source_ip_filtering: nic.sourceFiltering,
    type: nic.type,
  };
}

export function newMac(turn: Turn): string {
  turn.state.serial += 1;
  const tail = turn.state.serial.toString(16).padStart(6, '0');
  return `da:45:c4:${tail.slice(0, 2)}:${tail.slice(2, 4)}:${tail.slice(4)}`;
}

/** An address of the family that nobody has, in the shared networks of a zone. */
export function newAddress(turn: Turn, family: string, access: string): string {
  turn.state.serial += 1;
  const { serial } = turn.state;
  if (family === 'IPv6') return `2a04:3545:1000:720::${serial.toString(16)}`;
  const tail = `${Math.floor(serial / 250) % 250}.${(serial % 250) + 2}`;
  return access === 'utility' ? `10.6.${tail}` : `94.237.${tail}`;
}

export function pointerOf(address: string, zone: string): string {
  return `${address.replaceAll(/[.:]+/g, '-')}.${zone}.upcloud.host`;
}

/** The first address of a private network that no server has. */
function privateAddress(turn: Turn, network: Network, wanted: string | undefined): string {
  const taken = new Set(
    Object.values(turn.state.servers).flatMap(server =>
      server.nics.flatMap(nic => (nic.network === network.uuid ? nic.addresses.map(one => one.address) : [])),
    ),
  );
  if (wanted !== undefined) {
    if (taken.has(wanted)) throw new Refusal(409, 'IP_ADDRESS_ATTACHED', 'The address is in use.');
    return wanted;
  }
  const [range = ''] = String(network.ip['address']).split('/');
  const [a = 10, b = 0, c = 0] = range.split('.').map(Number);
  for (let at = 2; at < 65_000; at += 1) {
    const address = `${a}.${b}.${c + Math.floor(at / 256)}.${at % 256}`;
    if (!taken.has(address)) return address;
  }
  throw new Refusal(409, 'IP_ADDRESS_RESOURCES_UNAVAILABLE', 'The network is full.');
}

function networkFor(turn: Turn, server: Server, body: Body): Network | undefined {
  const { networks } = turn.state;
  if (body['type'] !== 'private')
    return Object.values(networks).find(one => one.zone === server.zone && one.type === body['type']);
  const network = known(networks, text(body['network'], 'NETWORK_MISSING'), 'NETWORK');
  if (network.zone !== server.zone) throw new Refusal(400, 'NETWORK_ZONE_MISMATCH', 'The network is in another zone.');
  return network;
}

export function newNic(turn: Turn, server: Server, body: Body): Nic {
  const type = text(body['type'], 'INTERFACE_TYPE_INVALID');
  if (type !== 'public' && type !== 'utility' && type !== 'private')
    throw new Refusal(400, 'INTERFACE_TYPE_INVALID', 'The type is invalid.');
  const wanted = listOf(objectOf(body['ip_addresses'])['ip_address']);
  if (wanted.length === 0) throw new Refusal(400, 'IP_ADDRESSES_MISSING', 'An interface needs an address.');
  const network = networkFor(turn, server, body);
  const mac = newMac(turn);
  const addresses = wanted.map(item => {
    const family = text(item['family'], 'FAMILY_INVALID', 'IPv4') === 'IPv6' ? 'IPv6' : 'IPv4';
    if (type === 'private' && network !== undefined)
      return { address: privateAddress(turn, network, item['address'] as string | undefined), family };
    const access = type === 'utility' ? 'utility' : 'public';
    const address = newAddress(turn, family, access);
    turn.state.addresses[address] = {
      address,
      family,
      access,
      floating: false,
      mac,
      server: server.uuid,
      zone: server.zone,
      ptr: access === 'utility' ? '' : pointerOf(address, server.zone),
    };
    return { address, family };
  });
  const index =
    typeof body['index'] === 'number' ? body['index'] : 1 + Math.max(0, ...server.nics.map(one => one.index));
  const nic: Nic = {
    index,
    mac,
    network: network?.uuid ?? '',
    type,
    bootable: body['bootable'] === 'yes' ? 'yes' : 'no',
    sourceFiltering: body['source_ip_filtering'] === 'no' ? 'no' : 'yes',
    addresses,
  };
  server.nics.push(nic);
  return nic;
}

/** Its own addresses go with it; a floating one stays and belongs to no server. */
export function releaseNic(turn: Turn, nic: Nic): void {
  for (const address of Object.values(turn.state.addresses)) {
    if (address.mac !== nic.mac) continue;
    if (address.floating) Object.assign(address, { mac: null, server: null });
    else delete turn.state.addresses[address.address];
  }
}

export function listNics(turn: Turn): Answer {
  const server = serverOf(turn);
  return {
    status: 200,
    body: { networking: { interfaces: { interface: server.nics.map(nic => nicView(turn, nic)) } } },
  };
}

export function createNic(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'stopped', 'started');
  return { status: 201, body: { interface: nicView(turn, newNic(turn, server, objectOf(turn.body['interface']))) } };
}

function nicOf(turn: Turn, server: Server): Nic {
  const nic = server.nics.find(one => one.index === Number(turn.args[1]));
  if (nic === undefined) throw new Refusal(404, 'INTERFACE_NOT_FOUND', 'The interface does not exist.');
  return nic;
}

export function modifyNic(turn: Turn): Answer {
  const nic = nicOf(turn, serverOf(turn));
  const body = objectOf(turn.body['interface']);
  if (typeof body['index'] === 'number') nic.index = body['index'];
  if (body['bootable'] === 'yes' || body['bootable'] === 'no') nic.bootable = body['bootable'];
  return { status: 200, body: { interface: nicView(turn, nic) } };
}

export function deleteNic(turn: Turn): Answer {
  const server = serverOf(turn);
  const nic = nicOf(turn, server);
  releaseNic(turn, nic);
  server.nics = server.nics.filter(one => one !== nic);
  return { status: 204 };
}
