import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUpcloud, type FakeUpcloud } from '../../fakes/upcloud/cloud.ts';
import { routeOf } from '../../fakes/upcloud/routes.ts';

/** One request to the real UpCloud with its answer, as recorded by the authors of its official client. */
export interface Recorded {
  readonly fixture: string;
  readonly n: number;
  readonly method: string;
  readonly url: string;
  readonly request: unknown;
  readonly status: number;
  readonly response: unknown;
}

/** What the fake made of a recorded request. */
export interface Replayed {
  readonly recorded: Recorded;
  readonly route: string;
  readonly status: number;
  readonly body: unknown;
  readonly differences: readonly string[];
}

export function recordingsIn(folder: string): readonly Recorded[] {
  const lines = readFileSync(join(folder, 'recordings-core.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map(line => JSON.parse(line) as Recorded);
}

/** Sends every recorded request of a fixture to a fresh fake, with the ids of that fake, and compares. */
export function replay(steps: readonly Recorded[]): readonly Replayed[] {
  const cloud = createUpcloud({ settings: { actionMs: 60_000, limits: {} } });
  const names = new Map<string, string>();
  prepare(cloud, steps);
  let nowMs = 1_700_000_000_000;
  return steps.map(recorded => {
    nowMs += pauseBefore(recorded);
    end(cloud, recorded, names);
    const path = translated(recorded.url, names);
    const body = recorded.request === null ? '' : translated(JSON.stringify(recorded.request), names);
    const answer = cloud.handle({ method: recorded.method, path, headers: {}, body }, nowMs);
    const reply: unknown = answer.body === '' ? null : JSON.parse(answer.body);
    learn(recorded.response, reply, names);
    const found = routeOf(recorded.method, new URL(path, 'http://cloud.invalid').pathname);
    const route = `${recorded.method} ${found?.route.path.join('/') ?? '?'}`;
    const differences =
      answer.status === recorded.status
        ? shapeDifferences(recorded.response, reply, '')
        : [`status ${answer.status} in place of ${recorded.status}`];
    return { recorded, route, status: answer.status, body: reply, differences };
  });
}

/** The recordings leave out the waiting between two steps. Only load balancers were watched while they changed. */
function pauseBefore({ method, url, response }: Recorded): number {
  const body = response as { operational_state?: string; server?: { state?: string } } | null;
  if (!url.includes('/load-balancer')) return method === 'GET' && body?.server?.state === 'maintenance' ? 0 : PAUSE_MS;
  return body?.operational_state === 'running' ? PAUSE_MS : 0;
}

const PAUSE_MS = 600_000;

/** Of several load balancers that are being deleted, exactly the one that was recorded as gone is gone by now. */
function end(cloud: FakeUpcloud, { url, status }: Recorded, names: ReadonlyMap<string, string>): void {
  const id = names.get(/load-balancer\/([0-9a-f-]{36})$/.exec(url)?.[1] ?? '') ?? '';
  const balancer = cloud.state.balancers[id];
  if (status === 404 && balancer?.next?.state === 'gone') delete cloud.state.balancers[id];
}

/** What was in the account before the recording began, and shows in it: private hosts, and images of its time. */
function prepare(cloud: FakeUpcloud, steps: readonly Recorded[]): void {
  if (steps.some(step => step.url.includes('/host'))) {
    const host = { description: 'A private host', zone: 'uk-lon1', windows_enabled: 'no' };
    for (const step of steps) {
      const id = /\/host\/(\d+)$/.exec(step.url)?.[1];
      if (id !== undefined && cloud.state.hosts.length === 0) cloud.state.hosts.push({ id: Number(id), ...host });
    }
  }
  for (const { method, url, status, n } of steps) {
    const name = /\/tag\/([^/]+)$/.exec(url)?.[1];
    if (method !== 'DELETE' || status !== 204 || name === undefined) continue;
    const isMade = steps.some(
      step => step.n < n && step.method !== 'GET' && JSON.stringify(step.request).includes(`"${name}"`),
    );
    if (!isMade) cloud.state.tags[name] = { name, description: '', servers: [] };
  }
  for (const uuid of new Set(
    JSON.stringify(steps.map(step => step.request)).match(/01000000-0000-4000-8000-\d{12}/g),
  )) {
    const [any] = Object.values(cloud.state.storages);
    if (cloud.state.storages[uuid] === undefined && any !== undefined)
      cloud.state.storages[uuid] = { ...structuredClone(any), uuid };
  }
}

function translated(text: string, names: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [theirs, ours] of names) result = result.replaceAll(theirs, ours);
  return result;
}

const NAME =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+)$/;

/** Ids and addresses that stand at the same place in both answers are each other's names. */
function learn(theirs: unknown, ours: unknown, names: Map<string, string>): void {
  if (typeof theirs === 'string' && typeof ours === 'string') {
    if (theirs !== ours && NAME.test(theirs) && NAME.test(ours) && !names.has(theirs)) names.set(theirs, ours);
  } else if (Array.isArray(theirs) && Array.isArray(ours)) {
    for (const [at, item] of theirs.entries()) learn(item, matching(item, ours, at), names);
  } else if (isPlain(theirs) && isPlain(ours)) {
    for (const [key, value] of Object.entries(theirs)) learn(value, ours[key], names);
  }
}

/** In lists of addresses the order differs: what has the same access and family is the same. */
function matching(item: unknown, list: readonly unknown[], at: number): unknown {
  if (!isPlain(item) || item['access'] === undefined) return list[at];
  return list.find(one => isPlain(one) && one['access'] === item['access'] && one['family'] === item['family']);
}

function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Where two answers differ in shape: another type, a field too many or too few. Items of lists are compared all with
 * all, because an account has other objects in it than a fake.
 */
export function shapeDifferences(theirs: unknown, ours: unknown, at: string): readonly string[] {
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    const [first] = ours;
    if (first === undefined || theirs.length === 0) return [];
    const each = theirs.map(item => ours.map(one => shapeDifferences(item, one, `${at}[]`)));
    // The recorded item that is most like one of ours tells what ours lacks.
    const best = each.flat().sort((a, b) => a.length - b.length)[0];
    return best ?? [];
  }
  if (isPlain(theirs) && isPlain(ours)) {
    const keys = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].sort();
    return keys.flatMap(key => {
      if (!(key in ours)) return [`${at}.${key} is missing`];
      if (!(key in theirs)) return [`${at}.${key} is too many`];
      return shapeDifferences(theirs[key], ours[key], `${at}.${key}`);
    });
  }
  return typeOf(theirs) === typeOf(ours)
    ? wordDifference(theirs, ours, at)
    : [`${at} is ${typeOf(ours)}, not ${typeOf(theirs)}`];
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

/** Fields whose words are a closed set. The state of a load balancer is not among them: it was recorded while it changed. */
const WORDS =
  /\.(?:state|type|access|family|floating|bootable|firewall|metadata|tier|anti_affinity|status|mode|direction|action|protocol|public|error_code|configured_status)$/;

function wordDifference(theirs: unknown, ours: unknown, at: string): readonly string[] {
  return theirs === ours || !WORDS.test(at) || at.includes('[]')
    ? []
    : [`${at} is ${String(ours)}, not ${String(theirs)}`];
}
