import type { JsonObject } from '../../../schemas/json.ts';
import { type Device, Refusal, type Server, type Turn, known, text, wire } from './model.ts';
import { makeStorage } from './storages.ts';

type Body = { readonly [field: string]: unknown };

export function deviceView(turn: Turn, device: Device): JsonObject {
  const storage = turn.state.storages[device.storage];
  const { address, type } = device;
  return {
    address,
    boot_disk: '0',
    ...(type === 'disk' ? { labels: (storage?.labels ?? []).map(wire) } : {}),
    storage: device.storage,
    storage_size: storage?.size ?? 0,
    ...(type === 'disk'
      ? { storage_encrypted: storage?.encrypted ?? 'no', storage_tier: storage?.tier ?? 'maxiops' }
      : {}),
    storage_title: storage?.title ?? '',
    type,
  };
}

/** The address that was asked for, or the first free one on its bus. */
function addressFor(server: Server, wanted: string): string {
  const taken = new Set(server.devices.map(device => device.address));
  if (/:\d/.test(wanted)) {
    if (taken.has(wanted)) throw new Refusal(409, 'ADDRESS_ATTACHED', 'Something is attached there.');
    return wanted;
  }
  const at = (index: number): string =>
    wanted === 'virtio' ? `virtio:${index}` : `${wanted}:${Math.floor(index / 2)}:${index % 2}`;
  for (let index = 0; index < 16; index += 1) if (!taken.has(at(index))) return at(index);
  throw new Refusal(403, 'STORAGE_DEVICE_LIMIT_REACHED', 'The server has no place for another device.');
}

/** A storage that exists, put into a server. */
export function attachedDevice(turn: Turn, server: Server, body: Body): void {
  const type = body['type'] === 'cdrom' ? 'cdrom' : 'disk';
  const address = addressFor(server, text(body['address'], 'ADDRESS_INVALID', type === 'cdrom' ? 'ide' : 'virtio'));
  if (body['storage'] === undefined && type === 'cdrom')
    return void server.devices.push({ address, storage: '', type });
  const storage = known(turn.state.storages, text(body['storage'], 'STORAGE_MISSING'), 'STORAGE');
  if (storage.type === 'normal') {
    const holder = Object.values(turn.state.servers).find(one =>
      one.devices.some(device => device.storage === storage.uuid),
    );
    if (holder !== undefined) throw new Refusal(409, 'STORAGE_ATTACHED', 'The storage is attached to a server.');
    if (storage.zone !== server.zone) throw new Refusal(409, 'ZONE_MISMATCH', 'They are in different zones.');
    if (storage.state !== 'online') throw new Refusal(409, 'STORAGE_STATE_ILLEGAL', 'The storage is not online.');
  }
  server.devices.push({ address, storage: storage.uuid, type });
}

/** A device of a server that is being created. */
export function newDevice(turn: Turn, server: Server, body: Body, planGib: number): void {
  const action = text(body['action'], 'STORAGE_DEVICE_ACTION_INVALID', 'attach');
  if (action === 'attach') return attachedDevice(turn, server, body);
  const origin =
    action === 'clone' ? known(turn.state.storages, text(body['storage'], 'STORAGE_MISSING'), 'STORAGE') : null;
  if (origin?.templateType === 'cloud-init' && server.metadata !== 'yes')
    throw new Refusal(400, 'METADATA_DISABLED_ON_CLOUD-INIT', 'Cloud-init templates need the metadata service.');
  const storage = makeStorage(turn, {
    title: text(body['title'], 'TITLE_MISSING'),
    zone: server.zone,
    size: Number(body['size'] ?? origin?.size ?? planGib),
    tier: text(body['tier'], 'TIER_INVALID', 'maxiops'),
    // What UpCloud itself knows of a disk; nobody else can write keys that start like this.
    labels:
      origin?.type === 'template'
        ? [
            { key: '_os_type', value: 'debian' },
            { key: '_template_uuid', value: origin.uuid },
          ]
        : [],
  });
  const wanted = text(body['address'], 'ADDRESS_INVALID', 'virtio');
  server.devices.push({ address: addressFor(server, wanted), storage: storage.uuid, type: 'disk' });
}
