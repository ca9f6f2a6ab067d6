import { MEMO } from '../../../providers/local/labels.ts';
import type { HttpAsk, HttpFetch, HttpReply } from '../../../schemas/http.ts';
import type { ContractWorld } from '../contract/world.ts';

type Verb = 'list' | 'create' | 'update' | 'delete' | 'other';

interface Armed {
  readonly fault: string;
  readonly asked: string;
  readonly nth: number;
  readonly ms: number;
  seen: number;
  fired: number;
}

/** Faults between the provider and a real engine: what is done is really done, and what is answered is not what was said. */
export function engineFaults(fetch: HttpFetch) {
  let armed: Armed | undefined;
  let slowMs = 0;
  let writes = 0;
  const faulty: HttpFetch = async (url, ask = {}) => {
    const verb = verbOf(url, ask);
    if (verb === 'create' || verb === 'update' || verb === 'delete') writes += 1;
    const rule = armed;
    const isMeant = rule?.asked === verb;
    if (isMeant) rule.seen += 1;
    const isStruck = isMeant && rule.seen === rule.nth;
    if (isStruck) rule.fired += 1;
    const answer = isStruck ? await struck(() => fetch(url, ask), rule, ask.signal) : await fetch(url, ask);
    if (slowMs > 0) await pause(slowMs, ask.signal);
    return answer;
  };
  const arm: ContractWorld['arm'] = ({ fault, asked, nth = 1, ms = 0 }) => {
    const rule: Armed = { fault, asked, nth, ms, seen: 0, fired: 0 };
    armed = rule;
    return () => rule.fired;
  };
  return { fetch: faulty, arm, slow: (ms: number) => void (slowMs = ms), writes: () => writes };
}

/** What a request does. Labels that change are volumes of their own. */
function verbOf(url: string, { method = 'GET', body }: HttpAsk): Verb {
  const path = url.replace(/^http\+unix:\/\/[^/]+\/v[\d.]+/, '');
  const isNote = String(body ?? '').includes(`"${MEMO.of}"`) || path.startsWith('/volumes/provisioning-labels.');
  if (method === 'GET') return /^\/(?:containers\/json|networks|volumes)(?:\?|$)/.test(path) ? 'list' : 'other';
  if (method === 'DELETE') return isNote ? 'other' : 'delete';
  if (!/^\/(?:containers|networks|volumes)\/create/.test(path)) return 'other';
  return isNote ? 'update' : 'create';
}

async function struck(send: () => Promise<HttpReply>, { fault, ms }: Armed, signal?: AbortSignal): Promise<HttpReply> {
  const broken = JSON.stringify({ message: 'something broke' });
  switch (fault) {
    case 'request-lost':
      throw new TypeError('fetch failed');
    case 'error-500-before':
      return reply(500, broken);
    case 'conflict':
      return reply(409, JSON.stringify({ message: 'it is not in the state for that' }));
    case 'sent-twice':
      await whole(await send());
      return send();
  }
  const answer = await send();
  const text = await whole(answer);
  switch (fault) {
    case 'answer-lost':
      throw new TypeError('fetch failed');
    case 'reset-mid-body':
      return { ...reply(200, ''), body: cutOff(text) };
    case 'error-500-after':
      return reply(500, broken);
    case 'html':
      return reply(200, '<html>it works</html>');
    case 'truncated':
      return reply(200, text.slice(0, Math.ceil(text.length / 2) - 1));
    case 'empty':
      return reply(200, '');
    case 'wrong-types':
      return reply(200, JSON.stringify({ Id: 7, Name: [], Volumes: 'many', Warnings: null }));
    case 'null-id':
      return reply(200, JSON.stringify({ Id: null, Name: null, Volumes: 1 }));
    case 'huge-id':
      return reply(200, '{"Id":9223372036854775808,"Name":9223372036854775808,"Volumes":0}');
    case 'slow-drip':
      return { status: answer.status, headers: answer.headers, body: dripping(text, ms, signal) };
    default:
      throw new Error(`the engine cannot do ${fault}`);
  }
}

function reply(status: number, text: string): HttpReply {
  return new Response(status === 204 ? null : text, { status }) as HttpReply;
}

async function whole({ body }: HttpReply): Promise<string> {
  let text = '';
  for await (const chunk of body ?? []) text += Buffer.from(chunk).toString();
  return text;
}

async function* cutOff(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text.slice(0, text.length / 2));
  throw new TypeError('terminated');
}

async function* dripping(text: string, ms: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  await pause(ms, signal);
  yield Buffer.from(text);
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(new TypeError('aborted'));
    };
    if (signal?.aborted === true) return stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}
