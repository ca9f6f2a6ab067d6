import { isObject } from '../../schemas/json.ts';
import type { HostFacts, PathFacts } from './facts.ts';
import { Journal, Marker, serviceIn } from './marker.ts';

/** The answer of a host is not what the look script says. Its text is never quoted. */
export class UnreadableFacts extends Error {}

interface Reading {
  readonly next: () => string;
  readonly paths: { [path: string]: PathFacts };
  readonly texts: Map<string, string>;
  readonly sums: Map<string, string>;
  readonly packages: { [name: string]: HostFacts['packages'][string] };
  readonly users: { [name: string]: HostFacts['users'][string] };
  readonly daemons: { [unit: string]: HostFacts['daemons'][string] };
  readonly releases: { [name: string]: HostFacts['releases'][string] };
  readonly tasks: { [probe: string]: boolean | null };
  readonly markers: { [service: string]: Marker };
  readonly journals: { [service: string]: Journal };
  readonly runs: HostFacts['runs'][number][];
  system: Pick<HostFacts, 'codename' | 'architecture' | 'memoryMib' | 'diskMib'> | null;
}

const TYPES: { readonly [letter: string]: PathFacts['type'] } = { f: 'file', d: 'directory', l: 'link' };

/** How each row is read. */
const ROWS: { readonly [row: string]: (reading: Reading) => void } = {
  os(reading) {
    const codename = reading.next();
    const architecture = reading.next();
    if (architecture !== 'amd64' && architecture !== 'arm64') throw new UnreadableFacts('architecture');
    reading.system = { codename, architecture, memoryMib: numberOf(reading.next()), diskMib: numberOf(reading.next()) };
  },
  path({ next, paths }) {
    const type = TYPES[next()] ?? 'other';
    const mode = Number.parseInt(next(), 8);
    const [owner, group, to, path] = [next(), next(), next(), next()];
    paths[path] = { type, mode, owner, group, ...(type === 'link' ? { to } : {}) };
  },
  sum({ next, sums }) {
    const sum = next();
    sums.set(next(), sum);
  },
  text({ next, texts }) {
    const path = next();
    texts.set(path, decoded(next()));
  },
  package({ next, packages }) {
    const [name, version, status] = [next(), next(), next()];
    if (status === 'not-installed' || status === 'config-files') return;
    packages[name] = { version, state: status === 'installed' ? 'installed' : 'broken' };
  },
  user({ next, users }) {
    const name = next();
    users[name] = next().split(' ');
  },
  daemon({ next, daemons }) {
    const unit = next();
    const active = next();
    daemons[unit] = { active, enabled: next() || 'not-found' };
  },
  release({ next, releases }) {
    const [name, stamp, intact] = [next(), next(), next()];
    releases[name] = { stamp, intact: intact === 'yes' };
  },
  task({ next, tasks }) {
    const probe = next();
    const answer = next();
    tasks[probe] = answer === 'slow' ? null : answer === 'yes';
  },
  json({ next, markers }) {
    const marker = Marker.safeParse(jsonOf(next()));
    // A marker that nobody can read is none: the service is looked at as if it had been begun.
    if (marker.success) markers[marker.data.service] = marker.data;
  },
  open({ next, journals }) {
    const value = jsonOf(next());
    const journal = Journal.safeParse(value);
    if (journal.success) journals[serviceIn(journal.data.address)] = journal.data;
  },
  run({ next, runs }) {
    const name = next();
    const owner = Journal.safeParse(jsonOf(next()));
    if (owner.success) runs.push({ name, owner: owner.data });
  },
};

/** The facts in the answer of the look script. Throws UnreadableFacts for anything else than a whole answer. */
export function factsOf(answer: string): HostFacts {
  const words = answer.split('\0');
  let at = 0;
  const next = (): string => {
    const word = words[at];
    if (word === undefined) throw new UnreadableFacts('cut');
    at += 1;
    return word;
  };
  const reading: Reading = {
    next,
    paths: {},
    texts: new Map(),
    sums: new Map(),
    packages: {},
    users: {},
    daemons: {},
    releases: {},
    tasks: {},
    markers: {},
    journals: {},
    runs: [],
    system: null,
  };
  for (let row = next(); row !== 'end'; row = next()) {
    const read = Object.hasOwn(ROWS, row) ? ROWS[row] : undefined;
    if (read === undefined) throw new UnreadableFacts('row');
    read(reading);
  }
  if (words.slice(at).join('') !== '' || reading.system === null) throw new UnreadableFacts('end');
  const { packages, users, daemons, releases, tasks, markers, journals, runs } = reading;
  const paths = withContent(reading);
  return { ...reading.system, paths, packages, users, daemons, releases, tasks, markers, journals, runs };
}

function withContent({ paths, sums, texts }: Reading): { [path: string]: PathFacts } {
  const whole: { [path: string]: PathFacts } = {};
  for (const [path, facts] of Object.entries(paths)) {
    const sha256 = sums.get(path);
    const text = texts.get(path);
    whole[path] = { ...facts, ...(sha256 === undefined ? {} : { sha256 }), ...(text === undefined ? {} : { text }) };
  }
  return whole;
}

function numberOf(word: string): number {
  if (!/^\d{1,9}$/.test(word)) throw new UnreadableFacts('number');
  return Number(word);
}

function decoded(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), character => character.charCodeAt(0)));
}

function jsonOf(base64: string): unknown {
  try {
    const value: unknown = JSON.parse(decoded(base64));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
