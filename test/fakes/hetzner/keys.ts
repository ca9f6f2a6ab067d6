import { createHash } from 'node:crypto';
import { time } from './actions.ts';
import type { Answer, Kept, State, Turn } from './model.ts';
import { keep, requestsOf } from './objects.ts';
import { must } from './rules.ts';

const shownKey = (_state: State, key: Kept): object => ({
  id: key.id,
  name: key.name,
  fingerprint: key['fingerprint'],
  public_key: key['public_key'],
  labels: key.labels,
  created: time(key.created),
});

export const sshKeys = requestsOf('ssh_keys', shownKey);

/** MD5 of the key itself, as OpenSSH shows it. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  const digest = createHash('md5').update(blob).digest('hex');
  return (digest.match(/../g) ?? []).join(':');
}

export function createKey(turn: Turn): Answer {
  const text = String(turn.body['public_key']).trim();
  must(/^(?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+(?: .*)?$/.test(text), 'bad-input');
  const fingerprint = fingerprintOf(text);
  must(
    Object.values(turn.state.ssh_keys).every(key => key['fingerprint'] !== fingerprint),
    'unique-fingerprint',
  );
  const key = keep(turn, 'ssh_keys', { fingerprint, public_key: text });
  return { status: 201, body: sshKeys.one(turn, key), id: key.id };
}

export const deleteKey = sshKeys.remove();

export function shownGroup(state: State, group: Kept): object {
  return {
    id: group.id,
    name: group.name,
    labels: group.labels,
    type: 'spread',
    created: time(group.created),
    servers: members(state, group).map(({ id }) => id),
  };
}

function members(state: State, group: Kept): readonly Kept[] {
  return Object.values(state.servers).filter(server => server['placement_group'] === group.id);
}

export const placementGroups = requestsOf('placement_groups', shownGroup);

export function createGroup(turn: Turn): Answer {
  const group = keep(turn, 'placement_groups', {});
  return { status: 201, body: { ...placementGroups.one(turn, group), action: null }, id: group.id };
}

export const deleteGroup = placementGroups.remove(({ state }, group) =>
  must(members(state, group).length === 0, 'group-in-use'),
);
