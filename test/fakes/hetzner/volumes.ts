import { begin, shownAction, time } from './actions.ts';
import { locationOf, LOCATIONS } from './catalogue.ts';
import type { Answer, Kept, State, Turn } from './model.ts';
import { act, keep, referred, requestsOf, subject } from './objects.ts';
import { must } from './rules.ts';

function shownVolume(_state: State, volume: Kept): object {
  return {
    id: volume.id,
    name: volume.name,
    created: time(volume.created),
    server: volume['server'],
    location: LOCATIONS.find(location => location.name === volume['location']),
    size: volume['size'],
    linux_device: `/dev/disk/by-id/scsi-0HC_Volume_${volume.id}`,
    protection: volume.protection,
    labels: volume.labels,
    status: volume['status'],
    format: volume['format'],
  };
}

export const volumes = requestsOf('volumes', shownVolume);

export function createVolume(turn: Turn): Answer {
  const { body } = turn;
  const size = Number(body['size']);
  must(size >= 10 && size <= 10_240, 'bad-input');
  const server = body['server'] === undefined ? null : referred(turn, 'servers', body['server']);
  // One of the two says where: with a server, its own location does.
  must((server === null) !== (body['location'] === undefined), 'bad-input');
  must(body['automount'] === undefined || server !== null, 'bad-input');
  const location = locationOf(String(body['location'] ?? server?.['location']));
  const volume = keep(turn, 'volumes', {
    size,
    location: location.name,
    format: body['format'] ?? null,
    server: null,
    status: 'creating',
  });
  const on = [['volumes', volume.id]] as const;
  const effects = [{ collection: 'volumes', id: volume.id, patch: { status: 'available' } }] as const;
  const action = begin(turn, { command: 'create_volume', on, effects });
  const attach = [{ collection: 'volumes', id: volume.id, patch: { server: server?.id ?? null } }] as const;
  const next =
    server === null
      ? []
      : [begin(turn, { command: 'attach_volume', on: [...on, ['servers', server.id]], effects: attach })];
  return {
    status: 201,
    body: { ...volumes.one(turn, volume), action: shownAction(action), next_actions: next.map(shownAction) },
    id: volume.id,
  };
}

export function attachVolume(turn: Turn): Answer {
  const object = subject(turn, 'volumes');
  const server = referred(turn, 'servers', turn.body['server']);
  must(object['server'] === null, 'volume-attached');
  must(object['location'] === server['location'], 'volume-elsewhere');
  const also = [['servers', server.id]] as const;
  return act(turn, 'volumes', { object, command: 'attach_volume', patch: { server: server.id }, also });
}

export function detachVolume(turn: Turn): Answer {
  const object = subject(turn, 'volumes');
  return act(turn, 'volumes', { object, command: 'detach_volume', patch: { server: null } });
}

export function resizeVolume(turn: Turn): Answer {
  const object = subject(turn, 'volumes');
  const size = Number(turn.body['size']);
  must(size > Number(object['size']) && size <= 10_240, 'volume-shrinks');
  return act(turn, 'volumes', { object, command: 'resize_volume', patch: { size } });
}

export const deleteVolume = volumes.remove((_turn, volume) => must(volume['server'] === null, 'volume-attached'));
