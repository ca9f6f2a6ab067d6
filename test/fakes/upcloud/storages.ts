import type { JsonObject } from '../../../schemas/json.ts';
import {
  type Answer,
  PREFIX,
  Refusal,
  type Storage,
  type Turn,
  hasLabels,
  known,
  labelsOf,
  newUuid,
  objectOf,
  text,
  wire,
} from './model.ts';
import { ZONES } from './seeds.ts';

function storageOf(turn: Turn): Storage {
  return known(turn.state.storages, turn.args[0], 'STORAGE');
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** In lists there are no servers and no backups. */
function summary(storage: Storage): JsonObject {
  return {
    access: storage.access,
    created: iso(storage.created),
    encrypted: storage.encrypted,
    labels: storage.labels.map(wire),
    license: storage.license,
    ...(storage.origin === null ? {} : { origin: storage.origin }),
    ...(storage.state === 'maintenance' ? { progress: '0' } : {}),
    size: storage.size,
    state: storage.state,
    ...(storage.templateType === null ? {} : { template_type: storage.templateType }),
    ...(storage.type === 'backup' ? {} : { tier: storage.tier }),
    title: storage.title,
    type: storage.type,
    uuid: storage.uuid,
    ...(storage.zone === '' ? {} : { zone: storage.zone }),
  };
}

function holders(turn: Turn, storage: Storage): readonly string[] {
  return Object.values(turn.state.servers)
    .filter(server => server.devices.some(device => device.storage === storage.uuid))
    .map(server => server.uuid);
}

function view(turn: Turn, storage: Storage): JsonObject {
  const isDisk = storage.type === 'normal';
  return {
    ...summary(storage),
    ...(isDisk ? { backup_rule: storage.backupRule, backups: { backup: storage.backups } } : {}),
    servers: { server: holders(turn, storage) },
  };
}

function answered(turn: Turn, storage: Storage, status: number): Answer {
  return { status, id: storage.uuid, body: { storage: view(turn, storage) } };
}

export function makeStorage(
  turn: Turn,
  wish: Pick<Storage, 'title' | 'zone' | 'size' | 'tier'> & Partial<Storage>,
): Storage {
  const storage: Storage = {
    uuid: newUuid(turn.state, PREFIX.storage),
    type: 'normal',
    access: 'private',
    state: 'online',
    next: null,
    encrypted: 'no',
    license: 0,
    created: turn.now,
    labels: [],
    backupRule: {},
    backups: [],
    origin: null,
    templateType: null,
    imported: null,
    ...wish,
  };
  turn.state.storages[storage.uuid] = storage;
  return storage;
}

/** The kinds of lists that UpCloud has under /storage. */
const LISTS: { readonly [name: string]: (storage: Storage) => boolean } = {
  public: storage => storage.access === 'public',
  private: storage => storage.access === 'private',
  normal: storage => storage.type === 'normal',
  backup: storage => storage.type === 'backup',
  cdrom: storage => storage.type === 'cdrom',
  template: storage => storage.type === 'template',
  favorite: () => false,
};

export function getStorage(turn: Turn): Answer {
  const list = LISTS[turn.args[0] ?? ''];
  return list === undefined ? answered(turn, storageOf(turn), 200) : listed(turn, list);
}

export function listStorages(turn: Turn): Answer {
  return listed(turn, () => true);
}

function listed(turn: Turn, isWanted: (storage: Storage) => boolean): Answer {
  const storages = Object.values(turn.state.storages).filter(
    storage => isWanted(storage) && hasLabels(storage.labels, turn.query),
  );
  return { status: 200, body: { storages: { storage: storages.map(summary) } } };
}

function sizeOf(value: unknown): number {
  const size = Number(value);
  if (!Number.isInteger(size) || size < 1 || size > 4_096)
    throw new Refusal(400, 'SIZE_INVALID', 'The size is invalid.');
  return size;
}

export function createStorage(turn: Turn): Answer {
  const body = objectOf(turn.body['storage']);
  const zone = text(body['zone'], 'ZONE_MISSING');
  if (!(ZONES as readonly string[]).includes(zone))
    throw new Refusal(404, 'ZONE_NOT_FOUND', 'The zone does not exist.');
  const tier = text(body['tier'], 'TIER_INVALID', 'hdd');
  if (!['maxiops', 'hdd', 'standard'].includes(tier)) throw new Refusal(400, 'TIER_INVALID', 'The tier is invalid.');
  const storage = makeStorage(turn, {
    zone,
    tier,
    title: text(body['title'], 'TITLE_MISSING'),
    size: sizeOf(body['size']),
    labels: labelsOf(body['labels']) ?? [],
    encrypted: body['encrypted'] === 'yes' ? 'yes' : 'no',
    backupRule: objectOf(body['backup_rule']) as JsonObject,
  });
  return answered(turn, storage, 201);
}

export function modifyStorage(turn: Turn): Answer {
  const storage = storageOf(turn);
  const body = objectOf(turn.body['storage']);
  const labels = labelsOf(body['labels']);
  if (body['size'] !== undefined) {
    const size = sizeOf(body['size']);
    if (size < storage.size) throw new Refusal(400, 'SIZE_INVALID', 'A storage cannot shrink.');
    const running = holders(turn, storage).some(id => turn.state.servers[id]?.state !== 'stopped');
    if (size > storage.size && running) throw new Refusal(409, 'SERVER_STATE_ILLEGAL', 'The server must be stopped.');
    storage.size = size;
  }
  if (labels !== undefined) storage.labels = [...storage.labels.filter(({ key }) => key.startsWith('_')), ...labels];
  if (body['title'] !== undefined) storage.title = text(body['title'], 'TITLE_INVALID');
  if (body['backup_rule'] !== undefined) storage.backupRule = objectOf(body['backup_rule']) as JsonObject;
  return answered(turn, storage, 202);
}

export function removeStorage(turn: Turn, uuid: string): void {
  delete turn.state.storages[uuid];
}

export function deleteStorage(turn: Turn): Answer {
  const storage = storageOf(turn);
  if (storage.access === 'public') throw new Refusal(403, 'STORAGE_FORBIDDEN', 'It belongs to everybody.');
  if (holders(turn, storage).length > 0) throw new Refusal(409, 'STORAGE_ATTACHED', 'It is attached to a server.');
  if (storage.state !== 'online') throw new Refusal(409, 'STORAGE_STATE_ILLEGAL', 'It is not online.');
  if (turn.query.get('backups') === 'delete') for (const backup of storage.backups) removeStorage(turn, backup);
  removeStorage(turn, storage.uuid);
  return { status: 204, id: storage.uuid };
}

/** A storage made from another one, which takes a while. */
function derived(turn: Turn, type: Storage['type']): Answer {
  const origin = storageOf(turn);
  const body = objectOf(turn.body['storage']);
  const storage = makeStorage(turn, {
    type,
    title: text(body['title'], 'TITLE_MISSING'),
    zone: text(body['zone'], 'ZONE_INVALID', origin.zone),
    tier: text(body['tier'], 'TIER_INVALID', origin.tier),
    size: origin.size,
    state: 'maintenance',
    next: { state: 'online', at: turn.now + turn.settings.actionMs },
    origin: type === 'backup' ? origin.uuid : null,
  });
  if (type === 'backup') origin.backups.push(storage.uuid);
  return answered(turn, storage, 201);
}

export function cloneStorage(turn: Turn): Answer {
  return derived(turn, 'normal');
}

export function backupStorage(turn: Turn): Answer {
  return derived(turn, 'backup');
}

export function templatizeStorage(turn: Turn): Answer {
  return derived(turn, 'template');
}

export function restoreStorage(turn: Turn): Answer {
  const backup = storageOf(turn);
  if (backup.origin === null) throw new Refusal(409, 'STORAGE_TYPE_ILLEGAL', 'It is not a backup.');
  return { status: 204 };
}

export function resizeFilesystem(turn: Turn): Answer {
  const storage = storageOf(turn);
  const backup = makeStorage(turn, {
    type: 'backup',
    title: 'Resize Backup',
    zone: storage.zone,
    tier: storage.tier,
    size: storage.size,
    origin: storage.uuid,
  });
  return { status: 200, body: { resize_backup: view(turn, backup) } };
}

export function importStorage(turn: Turn): Answer {
  const storage = storageOf(turn);
  const body = objectOf(turn.body['storage_import']);
  const source = text(body['source'], 'SOURCE_INVALID');
  const uuid = newUuid(turn.state, '07');
  const isUpload = source === 'direct_upload';
  storage.imported = {
    client_content_length: 0,
    client_content_type: '',
    completed: '',
    created: iso(turn.now),
    ...(isUpload ? { direct_upload_url: `https://upload.example/uploader/session/${uuid}` } : {}),
    error_code: '',
    error_message: '',
    md5sum: '',
    read_bytes: 0,
    sha256sum: '',
    source,
    ...(isUpload ? {} : { source_location: text(body['source_location'], 'SOURCE_LOCATION_INVALID') }),
    state: 'prepared',
    uuid,
    written_bytes: 0,
  };
  return { status: 201, body: { storage_import: storage.imported } };
}

export function getImport(turn: Turn): Answer {
  const { imported } = storageOf(turn);
  if (imported === null) throw new Refusal(404, 'STORAGE_IMPORT_NOT_FOUND', 'There is no import.');
  return { status: 200, body: { storage_import: { ...imported, state: 'pending' } } };
}
