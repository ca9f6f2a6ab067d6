import type { JsonObject } from '../../../schemas/json.ts';
import {
  type Address,
  type Answer,
  type Nic,
  Refusal,
  type Server,
  type Turn,
  known,
  objectOf,
  text,
} from './model.ts';
import { newAddress, newMac, pointerOf } from './nics.ts';
import { ZONES } from './seeds.ts';

function view(address: Address): JsonObject {
  return {
    access: address.access,
    address: address.address,
    family: address.family,
    ...(address.floating ? { floating: 'yes' } : {}),
    ...(address.mac === null ? {} : { mac: address.mac }),
    ptr_record: address.ptr,
    ...(address.server === null ? {} : { server: address.server }),
    zone: address.zone,
  };
}

function addressOf(turn: Turn): Address {
  const found = turn.state.addresses[turn.args[0] ?? ''];
  if (found === undefined) throw new Refusal(404, 'IP_ADDRESS_NOT_FOUND', 'The IP address does not exist.');
  return found;
}

function answered(address: Address, status: number): Answer {
  return { status, id: address.address, body: { ip_address: view(address) } };
}

export function listAddresses(turn: Turn): Answer {
  return { status: 200, body: { ip_addresses: { ip_address: Object.values(turn.state.addresses).map(view) } } };
}

export function getAddress(turn: Turn): Answer {
  return answered(addressOf(turn), 200);
}

/** The interface with that hardware address, which must be in the right zone and public. */
function holderOf(turn: Turn, mac: string): { readonly server: Server; readonly nic: Nic } {
  for (const server of Object.values(turn.state.servers)) {
    const nic = server.nics.find(one => one.mac === mac);
    if (nic !== undefined) return { server, nic };
  }
  throw new Refusal(404, 'MAC_NOT_FOUND', 'There is no such interface.');
}

function put(turn: Turn, address: Address, mac: string): void {
  const { server, nic } = holderOf(turn, mac);
  if (nic.type !== 'public') throw new Refusal(400, 'MAC_INVALID', 'The interface is not public.');
  if (address.zone !== '' && address.zone !== server.zone)
    throw new Refusal(400, 'ZONE_MISMATCH_INVALID', 'The interface is in another zone.');
  leave(turn, address);
  Object.assign(address, { mac, server: server.uuid, zone: server.zone });
  nic.addresses.push({ address: address.address, family: address.family });
}

function leave(turn: Turn, address: Address): void {
  for (const server of Object.values(turn.state.servers))
    for (const nic of server.nics)
      if (nic.mac === address.mac) nic.addresses = nic.addresses.filter(one => one.address !== address.address);
  Object.assign(address, { mac: null, server: null });
}

export function createAddress(turn: Turn): Answer {
  const body = objectOf(turn.body['ip_address']);
  const family = text(body['family'], 'FAMILY_INVALID', 'IPv4');
  if (family !== 'IPv4' && family !== 'IPv6') throw new Refusal(400, 'FAMILY_INVALID', 'The family is invalid.');
  const isFloating = body['floating'] === 'yes';
  const server = body['server'] === undefined ? null : known(turn.state.servers, String(body['server']), 'SERVER');
  const mac = typeof body['mac'] === 'string' ? body['mac'] : null;
  const zone = server?.zone ?? (typeof body['zone'] === 'string' ? body['zone'] : '');
  if (server === null && mac === null && zone === '') throw new Refusal(400, 'ZONE_MISSING', 'The zone is missing.');
  if (zone !== '' && !(ZONES as readonly string[]).includes(zone))
    throw new Refusal(404, 'ZONE_NOT_FOUND', 'The zone does not exist.');
  const { limits } = turn.settings;
  const detached = Object.values(turn.state.addresses).filter(one => one.floating && one.server === null).length;
  if (isFloating && mac === null && detached >= (limits['detached_floating_ips'] ?? detached + 1))
    throw new Refusal(403, 'IP_ADDRESS_LIMIT_REACHED', 'The limit of the account is reached.');
  const text6 = newAddress(turn, family, 'public');
  const address: Address = {
    address: text6,
    family,
    access: 'public',
    floating: isFloating,
    mac: null,
    server: null,
    zone,
    ptr: '',
  };
  if (mac !== null) put(turn, address, mac);
  if (server !== null) Object.assign(address, { server: server.uuid, mac: newMac(turn) });
  address.ptr = pointerOf(text6, address.zone);
  turn.state.addresses[text6] = address;
  return answered(address, 201);
}

export function modifyAddress(turn: Turn): Answer {
  const address = addressOf(turn);
  const body = objectOf(turn.body['ip_address']);
  if (body['mac'] !== undefined && !address.floating)
    throw new Refusal(400, 'MAC_INVALID', 'Only a floating address can move.');
  if (body['mac'] === null) leave(turn, address);
  else if (body['mac'] !== undefined) put(turn, address, text(body['mac'], 'MAC_INVALID'));
  if (body['ptr_record'] !== undefined) address.ptr = text(body['ptr_record'], 'PTR_RECORD_INVALID');
  return answered(address, 202);
}

export function deleteAddress(turn: Turn): Answer {
  const address = addressOf(turn);
  if (address.floating && address.mac !== null)
    throw new Refusal(409, 'IP_ADDRESS_ATTACHED', 'The address is attached to an interface.');
  leave(turn, address);
  delete turn.state.addresses[address.address];
  return { status: 204, id: address.address };
}
