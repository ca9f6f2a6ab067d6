import { join } from 'node:path';
import type { HttpFetch } from '../../schemas/http.ts';
import { isObject } from '../../schemas/json.ts';
import { engineSocket } from './engine.ts';
import { type EngineWanted, findEngine } from './find.ts';
import type { EngineReport } from './port.ts';
import { socketUrl } from './socket.ts';

/** Longest time in milliseconds until an engine says what it is. */
const ANSWER_MS = 5_000;

/** What is known of the engine of this machine. None is started, and nothing is written. */
export async function engineReport(wanted: EngineWanted, fetch: HttpFetch): Promise<EngineReport> {
  const found = await findEngine(wanted, engineSocket(join(wanted.home, 'hosts')));
  if (found.is === 'startable')
    return { isUsable: true, what: 'podman is installed, and is started when it is needed' };
  if (found.is === 'missing') {
    const engine = wanted.engine === 'docker' ? 'Docker' : 'container engine';
    return { isUsable: false, what: `no ${engine} can be used for hosts on this machine`, fix: found.trouble };
  }
  const { socket, way } = found;
  const name = await nameAt(socket, fetch);
  if (name !== null) return { isUsable: true, what: `${name} at ${socket} (${way})` };
  const fix = 'look whether that is a container engine, and whether it hangs; start it again, or name another socket';
  return { isUsable: false, what: `${socket} (${way}) does not answer as a container engine does`, fix };
}

/** `podman 4.3.1`; null where no engine answers. */
async function nameAt(socket: string, fetch: HttpFetch): Promise<string | null> {
  try {
    const answer = await fetch(`${socketUrl(socket)}/version`, { signal: AbortSignal.timeout(ANSWER_MS) });
    let text = '';
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
    const told = JSON.parse(text) as unknown;
    const components = isObject(told) && Array.isArray(told['Components']) ? (told['Components'] as unknown[]) : [];
    const [first] = components.filter(isObject);
    if (typeof first?.['Version'] !== 'string' || !/^[\w.+~-]{1,40}$/.test(first['Version'])) return null;
    return `${/podman/i.test(String(first['Name'])) ? 'podman' : 'Docker'} ${first['Version']}`;
  } catch {
    return null;
  }
}
