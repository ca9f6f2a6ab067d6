import type { JsonObject } from '../../../schemas/json.ts';
import {
  type Answer,
  type Group,
  PREFIX,
  Refusal,
  type Turn,
  hasLabels,
  known,
  labelsOf,
  newUuid,
  objectOf,
  text,
  wire,
} from './model.ts';
import { mustBe, serverOf } from './lookup.ts';
import { answered } from './servers.ts';

function view(group: Group): JsonObject {
  const shown = { servers: { server: group.servers }, title: group.title, uuid: group.uuid };
  return {
    anti_affinity: group.antiAffinity,
    anti_affinity_status: group.antiAffinity === 'no' ? [] : group.servers.map(uuid => ({ status: 'met', uuid })),
    labels: { label: group.labels.map(wire) },
    ...shown,
  };
}

function groupOf(turn: Turn): Group {
  return known(turn.state.groups, turn.args[0], 'SERVER_GROUP');
}

function shown(group: Group): Answer {
  return { status: 200, id: group.uuid, body: { server_group: view(group) } };
}

export function listGroups(turn: Turn): Answer {
  const groups = Object.values(turn.state.groups).filter(group => hasLabels(group.labels, turn.query));
  return { status: 200, body: { server_groups: { server_group: groups.map(view) } } };
}

export function getGroup(turn: Turn): Answer {
  return shown(groupOf(turn));
}

function membersOf(turn: Turn, value: unknown): string[] | undefined {
  const members = objectOf(value)['server'];
  return Array.isArray(members) ? members.map(id => known(turn.state.servers, String(id), 'SERVER').uuid) : undefined;
}

function antiAffinity(value: unknown): string {
  const wanted = text(value, 'ANTI_AFFINITY_INVALID', 'no');
  if (!['strict', 'yes', 'no'].includes(wanted)) throw new Refusal(400, 'ANTI_AFFINITY_INVALID', 'It is invalid.');
  return wanted;
}

export function createGroup(turn: Turn): Answer {
  const body = objectOf(turn.body['server_group']);
  const group: Group = {
    uuid: newUuid(turn.state, PREFIX.group),
    title: text(body['title'], 'TITLE_MISSING'),
    antiAffinity: antiAffinity(body['anti_affinity']),
    labels: labelsOf(body['labels']) ?? [],
    servers: membersOf(turn, body['servers']) ?? [],
  };
  turn.state.groups[group.uuid] = group;
  return shown(group);
}

export function modifyGroup(turn: Turn): Answer {
  const group = groupOf(turn);
  const body = objectOf(turn.body['server_group']);
  const labels = labelsOf(body['labels']);
  const members = membersOf(turn, body['servers']);
  if (labels !== undefined) group.labels = labels;
  if (members !== undefined) group.servers = members;
  if (body['title'] !== undefined) group.title = text(body['title'], 'TITLE_INVALID');
  if (body['anti_affinity'] !== undefined) group.antiAffinity = antiAffinity(body['anti_affinity']);
  return shown(group);
}

export function deleteGroup(turn: Turn): Answer {
  const group = groupOf(turn);
  delete turn.state.groups[group.uuid];
  return { status: 204, id: group.uuid };
}

type Tag = Turn['state']['tags'][string];

function tagOf(turn: Turn, name: string | undefined): Tag {
  const tag = turn.state.tags[name ?? ''];
  if (tag === undefined) throw new Refusal(404, 'TAG_NOT_FOUND', `The tag ${name} does not exist.`);
  return tag;
}

function tagView(tag: Tag): JsonObject {
  return { description: tag.description, name: tag.name, servers: { server: tag.servers } };
}

/** Servers show the tags that name them. */
function retag(turn: Turn): void {
  for (const server of Object.values(turn.state.servers))
    server.tags = Object.values(turn.state.tags)
      .filter(tag => tag.servers.includes(server.uuid))
      .map(tag => tag.name);
}

export function listTags(turn: Turn): Answer {
  return { status: 200, body: { tags: { tag: Object.values(turn.state.tags).map(tagView) } } };
}

export function createTag(turn: Turn): Answer {
  const body = objectOf(turn.body['tag']);
  const name = text(body['name'], 'TAG_NAME_INVALID');
  const tag = {
    name,
    description: text(body['description'], 'INVALID', ''),
    servers: membersOf(turn, body['servers']) ?? [],
  };
  turn.state.tags[name] = tag;
  retag(turn);
  return { status: 200, body: { tag: tagView(tag) } };
}

export function modifyTag(turn: Turn): Answer {
  const tag = tagOf(turn, turn.args[0]);
  const body = objectOf(turn.body['tag']);
  delete turn.state.tags[tag.name];
  tag.name = text(body['name'], 'TAG_NAME_INVALID', tag.name);
  tag.description = text(body['description'], 'INVALID', tag.description);
  tag.servers = membersOf(turn, body['servers']) ?? tag.servers;
  turn.state.tags[tag.name] = tag;
  retag(turn);
  return { status: 200, body: { tag: tagView(tag) } };
}

export function deleteTag(turn: Turn): Answer {
  const tag = tagOf(turn, turn.args[0]);
  delete turn.state.tags[tag.name];
  retag(turn);
  return { status: 204 };
}

export function tagServer(turn: Turn): Answer {
  const server = serverOf(turn);
  mustBe(server, 'started', 'stopped', 'maintenance');
  for (const name of (turn.args[1] ?? '').split(',')) {
    const tag = tagOf(turn, name);
    if (!tag.servers.includes(server.uuid)) tag.servers.push(server.uuid);
  }
  retag(turn);
  return answered(turn, server);
}

export function untagServer(turn: Turn): Answer {
  const server = serverOf(turn);
  for (const name of (turn.args[1] ?? '').split(',')) {
    const tag = tagOf(turn, name);
    tag.servers = tag.servers.filter(id => id !== server.uuid);
  }
  retag(turn);
  return answered(turn, server);
}
