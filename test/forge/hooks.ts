import { createHash, createHmac } from 'node:crypto';
import type { Json } from './shapes.ts';

export interface HookAsked {
  readonly url: string;
  readonly secret: string;
  /** All unless named. A ping comes always. */
  readonly events?: readonly string[];
  /** All unless named. */
  readonly repository?: string;
  /** What goes wrong is decided by this number alone. */
  readonly seed?: number;
  /** Share of deliveries that never come, 0 to 1. */
  readonly drop?: number;
  /** Share of deliveries that come twice. */
  readonly duplicate?: number;
  /** So many deliveries are held back and mixed with each other. */
  readonly reorder?: number;
  /** Longest pause before a delivery. */
  readonly delayMs?: number;
  /** Nothing is sent but what `redeliver` sends. */
  readonly isManual?: boolean;
}

export interface Delivery {
  /** Header X-GitHub-Delivery; the same when it is sent again. */
  readonly id: string;
  readonly event: string;
  readonly action: string | null;
  readonly payload: Json;
  readonly isDropped: boolean;
  /** Status of every answer so far; 0 when none came. */
  readonly answers: readonly number[];
}

export interface Hooks {
  add(asked: HookAsked): void;
  /** Whether anybody wants this event. */
  wants(event: string, repository: string): boolean;
  emit(event: string, repository: string, payload: Json): void;
  deliveries(): readonly Delivery[];
  redeliver(id: string): Promise<number>;
  /** Waits until nothing is on its way and nothing is held back. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Held deliveries leave when nothing followed them for so long. */
const HOLD_MS = 20;

interface Sending {
  readonly hook: Hook;
  readonly delivery: Delivery & { readonly answers: number[] };
}

interface Hook extends HookAsked {
  readonly id: number;
  readonly random: () => number;
  readonly held: Sending[];
  count: number;
  line: Promise<unknown>;
  timer: NodeJS.Timeout | null;
}

export function openHooks(): Hooks {
  const hooks: Hook[] = [];
  const sent: Sending[] = [];

  const wantedBy = (hook: Hook, event: string, repository: string): boolean =>
    (hook.repository ?? repository) === repository && (hook.events?.includes(event) ?? true);

  function release(hook: Hook): void {
    const at = Math.floor(hook.random() * hook.held.length);
    const [sending] = hook.held.splice(at, 1);
    if (sending === undefined) return;
    const pauseMs = Math.floor(hook.random() * (hook.delayMs ?? 0));
    hook.line = hook.line.then(async () => {
      if (pauseMs > 0) await new Promise(done => setTimeout(done, pauseMs));
      await send(sending);
    });
  }

  function flush(hook: Hook): void {
    if (hook.timer !== null) clearTimeout(hook.timer);
    hook.timer = null;
    while (hook.held.length > 0) release(hook);
  }

  function deliver(hook: Hook, event: string, payload: Json): void {
    hook.count += 1;
    const isDropped = hook.random() < (hook.drop ?? 0);
    const isDouble = hook.random() < (hook.duplicate ?? 0);
    const action = typeof payload['action'] === 'string' ? payload['action'] : null;
    const id = guid(`${hook.id} ${hook.count}`);
    const sending: Sending = { hook, delivery: { id, event, action, payload, isDropped, answers: [] } };
    sent.push(sending);
    if (isDropped || hook.isManual === true) return;
    hook.held.push(sending, ...(isDouble ? [sending] : []));
    while (hook.held.length > (hook.reorder ?? 0)) release(hook);
    if (hook.timer !== null) clearTimeout(hook.timer);
    hook.timer = hook.held.length === 0 ? null : setTimeout(flush, HOLD_MS, hook);
  }

  async function settled(): Promise<void> {
    for (const hook of hooks) flush(hook);
    const lines = hooks.map(({ line }) => line);
    await Promise.all(lines);
    if (hooks.some((hook, at) => hook.line !== lines[at] || hook.held.length > 0)) await settled();
  }

  return {
    add(asked) {
      const random = chance(asked.seed ?? 1);
      const id = hooks.length + 1;
      const hook: Hook = { ...asked, id, random, held: [], count: 0, line: Promise.resolve(), timer: null };
      hooks.push(hook);
      const config = { url: asked.url, content_type: 'json', insecure_ssl: '0' };
      deliver(hook, 'ping', { zen: 'Keep it logically awesome.', hook_id: id, hook: { id, type: 'App', config } });
    },
    wants: (event, repository) => hooks.some(hook => wantedBy(hook, event, repository)),
    emit(event, repository, payload) {
      for (const hook of hooks) if (wantedBy(hook, event, repository)) deliver(hook, event, payload);
    },
    deliveries: () => sent.map(({ delivery }) => delivery),
    async redeliver(id) {
      const sending = sent.find(({ delivery }) => delivery.id === id);
      if (sending === undefined) throw new Error(`there is no delivery ${id}`);
      return send(sending);
    },
    settled,
    async close() {
      for (const hook of hooks) {
        if (hook.timer !== null) clearTimeout(hook.timer);
        hook.held.length = 0;
      }
      await Promise.all(hooks.map(({ line }) => line));
    },
  };
}

async function send({ hook, delivery }: Sending): Promise<number> {
  const body = JSON.stringify(delivery.payload);
  const signature = (kind: string): string => `${kind}=${createHmac(kind, hook.secret).update(body).digest('hex')}`;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/test',
    'x-github-event': delivery.event,
    'x-github-delivery': delivery.id,
    'x-github-hook-id': String(hook.id),
    'x-hub-signature': signature('sha1'),
    'x-hub-signature-256': signature('sha256'),
  };
  const status = await fetch(hook.url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) }).then(
    async answer => {
      await answer.arrayBuffer();
      return answer.status;
    },
    () => 0,
  );
  delivery.answers.push(status);
  return status;
}

function guid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
