import type { Json, JsonObject } from '../../../schemas/json.ts';

/** A request as it comes from the wire. */
export interface FakeRequest {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

/** An answer, and how it shall reach the other side. */
export interface FakeReply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly delayMs: number;
  readonly wire: 'answer' | 'lost' | 'cut' | 'drip';
  readonly dripMs: number;
}

/** A request that UpCloud refuses: with the older error body, or with the one of RFC 7807 where services are newer. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly isProblem: boolean;
  readonly invalid: readonly { readonly name: string; readonly reason: string }[];
  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly isProblem?: boolean; readonly invalid?: Refusal['invalid'] } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.isProblem = more.isProblem ?? false;
    this.invalid = more.invalid ?? [];
  }
}

export interface Label {
  readonly key: string;
  readonly value: string;
}

export interface Address {
  address: string;
  family: 'IPv4' | 'IPv6';
  access: 'public' | 'utility';
  floating: boolean;
  mac: string | null;
  server: string | null;
  zone: string;
  ptr: string;
}

export interface Nic {
  index: number;
  mac: string;
  network: string;
  type: 'public' | 'utility' | 'private';
  bootable: 'yes' | 'no';
  sourceFiltering: 'yes' | 'no';
  addresses: { address: string; family: string }[];
}

export interface Device {
  address: string;
  storage: string;
  type: 'disk' | 'cdrom';
}

export type ServerState = 'maintenance' | 'started' | 'stopped' | 'error';

export interface Server {
  uuid: string;
  title: string;
  hostname: string;
  zone: string;
  plan: string;
  cores: number;
  memory: number;
  created: number;
  host: number;
  state: ServerState;
  /** What it is going to be, and when; a stop shows the old state until then. */
  next: { readonly state: ServerState; readonly at: number } | null;
  firewall: 'on' | 'off';
  metadata: 'yes' | 'no';
  simpleBackup: string;
  timezone: string;
  bootOrder: string;
  nicModel: string;
  videoModel: string;
  remoteAccess: 'yes' | 'no';
  user: string;
  userData: string;
  keys: string[];
  labels: Label[];
  tags: string[];
  nics: Nic[];
  devices: Device[];
  rules: JsonObject[];
}

export interface Storage {
  uuid: string;
  title: string;
  zone: string;
  size: number;
  tier: string;
  type: 'normal' | 'backup' | 'template' | 'cdrom';
  access: 'private' | 'public';
  state: string;
  next: { readonly state: string; readonly at: number } | null;
  encrypted: 'yes' | 'no';
  license: number;
  created: number;
  labels: Label[];
  backupRule: JsonObject;
  backups: string[];
  origin: string | null;
  templateType: string | null;
  imported: JsonObject | null;
}

export interface Network {
  uuid: string;
  name: string;
  type: 'public' | 'utility' | 'private';
  zone: string;
  router: string | null;
  labels: Label[];
  ip: JsonObject;
}

export interface Router {
  uuid: string;
  name: string;
  type: 'normal' | 'service';
  labels: Label[];
  routes: JsonObject[];
}

export interface Group {
  uuid: string;
  title: string;
  antiAffinity: string;
  labels: Label[];
  servers: string[];
}

export interface Balancer {
  uuid: string;
  /** As it is answered, but for the state. */
  body: { [field: string]: Json };
  state: string;
  next: { readonly state: string; readonly at: number } | null;
}

/** Everything the cloud knows; plain JSON, so that it can be kept in a file. */
export interface State {
  serial: number;
  servers: { [uuid: string]: Server };
  storages: { [uuid: string]: Storage };
  networks: { [uuid: string]: Network };
  routers: { [uuid: string]: Router };
  groups: { [uuid: string]: Group };
  balancers: { [uuid: string]: Balancer };
  bundles: { [uuid: string]: { [field: string]: Json } };
  addresses: { [address: string]: Address };
  tags: { [name: string]: { name: string; description: string; servers: string[] } };
  hosts: { id: number; description: string; zone: string; windows_enabled: string }[];
}

export interface Settings {
  /** What every request must carry: a bearer token, or `user:password`. Null lets everybody in. */
  token: string | null;
  username: string;
  /** How long creating, starting and stopping take. */
  actionMs: number;
  /** How long every answer takes. */
  latencyMs: number;
  /** Requests that may be under way in a second; null has no limit. */
  requestsPerSecond: number | null;
  limits: { readonly [resource: string]: number };
}

/** What one request works on. */
export interface Turn {
  readonly state: State;
  readonly settings: Settings;
  readonly now: number;
  readonly query: URLSearchParams;
  readonly body: { readonly [field: string]: unknown };
  /** Path parts that the route left open. */
  readonly args: readonly string[];
  readonly bend: { readonly fails?: true; readonly stuck?: true };
}

export interface Answer {
  readonly status: number;
  readonly body?: Json;
  readonly headers?: { readonly [name: string]: string };
  /** Id of the object that it was about. */
  readonly id?: string;
}

export const FOREVER = Number.MAX_SAFE_INTEGER;
/** Prefixes of ids, as UpCloud has them. */
export const PREFIX = {
  server: '00',
  storage: '01',
  network: '03',
  router: '04',
  balancer: '0a',
  group: '0b',
} as const;

export function newUuid(state: State, prefix: string): string {
  state.serial += 1;
  const tail = state.serial.toString(16).padStart(12, '0');
  return `${prefix}${tail.slice(-6)}-${tail.slice(-4)}-4${tail.slice(-3)}-8${tail.slice(-3)}-${tail}`;
}

/** A value as text, or the refusal that UpCloud has for a wrong one. */
export function text(value: unknown, code: string, fallback?: string): string {
  if (value === undefined && fallback !== undefined) return fallback;
  if (typeof value !== 'string') throw new Refusal(400, code, `The attribute is missing or invalid (${code}).`);
  return value;
}

export function objectOf(value: unknown): { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function listOf(value: unknown): readonly { readonly [field: string]: unknown }[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** Labels from a request, checked as UpCloud does; undefined when it has none. Both shapes: a list, and a wrapped one. */
export function labelsOf(value: unknown): Label[] | undefined {
  if (value === undefined) return undefined;
  const items = Array.isArray(value) ? listOf(value) : listOf(objectOf(value)['label']);
  const labels = items.map(item => ({
    key: text(item['key'], 'LABEL_KEY_INVALID'),
    value: text(item['value'], 'LABEL_VALUE_INVALID', ''),
  }));
  for (const { key, value: content } of labels) {
    if (!/^[\x21-\x5e\x60-\x7e][\x20-\x7e]{1,31}$/.test(key)) throw new Refusal(400, 'LABEL_KEY_INVALID', 'Bad key.');
    if (content.length > 255) throw new Refusal(400, 'LABEL_VALUE_INVALID', 'Bad value.');
  }
  if (new Set(labels.map(label => label.key)).size !== labels.length)
    throw new Refusal(400, 'DUPLICATE_LABEL_KEYS', 'Label keys must be unique.');
  return labels.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether an object has all labels that the query asks for: `label=key` or `label=key=value`. */
export function hasLabels(labels: readonly Label[], query: URLSearchParams): boolean {
  return query.getAll('label').every(wanted => {
    const at = wanted.indexOf('=');
    const key = at < 0 ? wanted : wanted.slice(0, at);
    return labels.some(label => label.key === key && (at < 0 || label.value === wanted.slice(at + 1)));
  });
}

export function wire(label: Label): JsonObject {
  return { key: label.key, value: label.value };
}

/** What there is under an id, or the refusal that says that there is nothing. */
export function known<T>(objects: { readonly [id: string]: T }, id: string | undefined, what: string): T {
  if (id === undefined || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new Refusal(400, `${what}_INVALID`, `The ${what.toLowerCase()} UUID is invalid.`);
  const found = objects[id];
  if (found === undefined)
    throw new Refusal(404, `${what}_NOT_FOUND`, `The ${what.toLowerCase()} ${id} does not exist.`);
  return found;
}
