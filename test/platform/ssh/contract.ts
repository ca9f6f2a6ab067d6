import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert as holds, asyncProperty, constantFrom, oneof, string } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemWorld } from '../../../platform/clock/world.ts';
import { type HostsOptions, openHosts } from '../../../platform/ssh/hosts.ts';
import type { HostSession, HostTarget, OpenHost, Ran } from '../../../schemas/host.ts';
import { type ProviderError, ProviderFault } from '../../../schemas/provider.ts';
import { newKey } from './keys.ts';
import type { HostSite } from './site.ts';

/** Opens hosts the way a test wants: short times, and the site's key where `env:KEY` is asked for. */
export function opener(site: HostSite, more: Partial<HostsOptions> = {}): OpenHost {
  return openHosts({
    world: systemWorld({}),
    secrets: reference => Promise.resolve(reference === 'env:KEY' ? site.clientKey.private : undefined),
    agent: undefined,
    times: { connectMs: 10_000, keepaliveMs: 200, idleMs: 10_000, reconnectMs: 10_000 },
    ...more,
  });
}

/** What a promise was refused with. */
export async function faultOf(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(
    () => 'it was not refused',
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderFault)) throw error;
  return error.error;
}

/** Words that somebody may try: everything that means something to a shell, an option parser or a terminal. */
const MEANT = [
  "'",
  '"',
  '$',
  '`',
  '\\',
  '\n',
  '\r',
  '\t',
  ' ',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  ')',
  '{',
  '}',
  '*',
  '?',
  '~',
  '!',
];
const TRICKS = [
  '#',
  '-',
  '--',
  '=',
  '%s',
  '$(touch pwned)',
  '`id`',
  '${HOME}',
  "'\\''",
  '\u{1f600}',
  '\u202e',
  '\x1b[2J',
  '',
];
export const hostileWord = oneof(
  string({ unit: 'binary', maxLength: 40 }),
  string({ unit: 'grapheme', maxLength: 20 }),
  array(constantFrom(...MEANT, ...TRICKS), { maxLength: 12 }).map(parts => parts.join('')),
).map(word => word.replaceAll('\0', ''));

/** Waits until something is so, and fails with its name when it does not become so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so within ${limitMs} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that ended but was not waited for yet does nothing any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** What every host must do for whoever holds its session, whichever server it runs. */
export function hostContract(name: string, open: () => Promise<HostSite>, { runs }: { readonly runs: number }): void {
  describe(`hosts over SSH, ${name}`, () => {
    let site: HostSite;
    let host: HostSession;
    let folder = '';
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'ssh-'));
      site = await open();
      host = await opener(site)(site.target);
    });
    afterAll(async () => {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const sh = (script: string, more: { timeoutMs?: number; stdin?: string | Uint8Array } = {}) =>
      host.run({ argv: ['/bin/sh', '-c', script], timeoutMs: 20_000, ...more });

    it('hands every word to the program as it is', async () => {
      const words = array(array(hostileWord, { maxLength: 5 }), { minLength: 1, maxLength: 12 });
      await holds(
        asyncProperty(words, async lists => {
          const answers = await Promise.all(
            lists.map(list => host.run({ argv: ['printf', '%s\\0', ...list, '.'], timeoutMs: 20_000 })),
          );
          expect(answers.map(({ stdout }) => stdout.split('\0').slice(0, -1))).toEqual(
            lists.map(list => [...list, '.']),
          );
        }),
        { numRuns: runs },
      );
    });

    it.each([
      ['nothing', []],
      ['an empty program', ['']],
      ['a NUL', ['echo', 'a\0b']],
      ['half a character', ['echo', '\ud800']],
      ['more than a host takes', ['echo', "'".repeat(40_000)]],
    ])('refuses words that cannot be sent: %s', async (_, argv) => {
      expect(await faultOf(host.run({ argv, timeoutMs: 1_000 }))).toMatchObject({ class: 'invalid-input' });
    });

    it('gives back what a program said and how it ended', async () => {
      expect(await sh('echo out; echo err >&2; exit 3')).toEqual({
        code: 3,
        stdout: 'out\n',
        stderr: 'err\n',
        isCut: false,
      });
      expect(await sh('kill -KILL $$')).toMatchObject({ code: 137 });
      expect(await sh('exit 124')).toMatchObject({ code: 124 });
      expect(await host.run({ argv: ['no-such-program'], timeoutMs: 1_000 })).toMatchObject({ code: 127 });
    });

    it('gives a program its input byte by byte', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256);
      const { stdout } = await sh('od -An -v -tu1', { stdin: bytes });
      expect(stdout.trim().split(/\s+/).map(Number)).toEqual([...bytes]);
      // A program that reads nothing is no trouble.
      expect(await sh('exit 0', { stdin: 'x'.repeat(300_000) })).toMatchObject({ code: 0 });
    });

    it('keeps a mebibyte of each stream and says that there was more', async () => {
      const much = await sh(
        'head -c 3000000 /dev/zero; printf "\\303" >&2; head -c 1048575 /dev/zero | tr "\\0" x >&2',
      );
      expect([much.stdout.length, much.stderr.length, much.isCut]).toEqual([1 << 20, 1 << 20, true]);
      // The character that the cut divides is left out.
      const cut = await sh('head -c 1048575 /dev/zero | tr "\\0" x; printf "\\303\\244"');
      expect([cut.stdout.length, cut.stdout.endsWith('x'), cut.isCut]).toEqual([1_048_575, true, true]);
      expect((await sh('printf "\\377\\376\\033[31m"')).stdout).toBe('\ufffd\ufffd\x1b[31m');
    });

    it('ends a program and what it started when the time is up', async () => {
      const file = join(folder, 'pids');
      // The second one does not listen to requests.
      const script = `sleep 300 & echo $! >> ${file}; sh -c 'trap "" TERM; echo $$ >> ${file}; while :; do sleep 1; done' & wait`;
      const fault = await faultOf(sh(script, { timeoutMs: 900 }));
      expect(fault).toMatchObject({ class: 'unknown-outcome', code: 'timeout' });
      const pids = readFileSync(file, 'utf8').trim().split('\n').map(Number);
      expect(pids).toHaveLength(2);
      await until('everything was ended', () => pids.every(pid => !lives(pid)), 8_000);
    });

    it('stops waiting when it is told to', async () => {
      const stop = new AbortController();
      const file = join(folder, 'began');
      const run = faultOf(
        host.run({ argv: ['sh', '-c', `: > ${file}; exec sleep 9`], timeoutMs: 9_000, signal: stop.signal }),
      );
      await until('it runs', () => spawnSync('test', ['-e', file]).status === 0);
      stop.abort();
      expect(await run).toMatchObject({ class: 'unknown-outcome', code: 'interrupted' });
    });

    it('uses one connection, for many at once too', async () => {
      const before = site.connections();
      const openHost = opener(site);
      const sessions = await Promise.all(Array.from({ length: 5 }, () => openHost(site.target)));
      const all = sessions.flatMap(session =>
        Array.from({ length: 5 }, () => session.run({ argv: ['echo', 'x'], timeoutMs: 20_000 })),
      );
      expect((await Promise.all(all)).map(({ stdout }) => stdout)).toEqual(Array.from({ length: 25 }, () => 'x\n'));
      expect(site.connections() - before).toBe(1);
      await sessions[0]?.close();
      expect(await sessions[1]?.run({ argv: ['true'], timeoutMs: 5_000 })).toMatchObject({ code: 0 });
      expect(site.connections() - before).toBe(2);
    });

    it('sends nothing to a host with another key, and says both', async () => {
      const other = newKey();
      const before = site.received().length;
      const fault = await faultOf(opener(site)({ ...site.target, hostKey: other.public, user: 'somebody-secret' }));
      expect(fault).toMatchObject({ class: 'forbidden', code: 'host-key' });
      expect(fault.message).toContain(other.fingerprint);
      expect(fault.message).toContain(site.hostKey.fingerprint);
      // Before the keys of a connection are in use everything travels readable, so nothing could hide.
      const sent = site.received().subarray(before);
      expect(sent.includes('somebody-secret')).toBe(false);
      expect(sent.includes(Buffer.from(site.clientKey.public.split(' ')[1] ?? '', 'base64'))).toBe(false);
      expect(sent.length).toBeLessThan(3_000);
    });

    it.each(['ecdsa', 'rsa'] as const)('sends nothing to a host without a key of the pinned sort: %s', async type => {
      const other = newKey(type);
      const fault = await faultOf(opener(site)({ ...site.target, hostKey: other.public }));
      expect(fault).toMatchObject({ class: 'forbidden', code: 'host-key' });
      expect(fault.message).toContain(other.fingerprint);
    });

    it.each(['', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'ssh-dss AAAAB3NzaC1kc3M=', '*'])(
      'does not contact a host without a pin: "%s"',
      async hostKey => {
        const before = site.connections();
        expect(await faultOf(opener(site)({ ...site.target, hostKey }))).toMatchObject({
          class: 'forbidden',
          code: 'no-host-key',
        });
        expect(site.connections()).toBe(before);
      },
    );

    it('says which key was refused', async () => {
      const stranger = newKey();
      const openHost = opener(site, { secrets: () => Promise.resolve(stranger.private) });
      const fault = await faultOf(openHost(site.target));
      expect(fault).toMatchObject({ class: 'unauthenticated', code: 'login' });
      expect(fault.message).toContain(`${stranger.fingerprint} of env:KEY`);
    });

    it('says that nothing listens', async () => {
      const target = { ...site.target, port: 1 };
      expect(await faultOf(opener(site)(target))).toMatchObject({ class: 'transient', code: 'unreachable' });
    });

    it('logs in with the agent', async () => {
      const agent = startAgent(folder, site.clientKey.private);
      try {
        const openHost = opener(site, { agent: agent.socket, secrets: () => Promise.resolve(undefined) });
        const target: HostTarget = { ...site.target, identity: { key: 'agent' } };
        expect(await (await openHost(target)).run({ argv: ['echo', 'in'], timeoutMs: 5_000 })).toMatchObject({
          stdout: 'in\n',
        });
      } finally {
        agent.stop();
      }
    });

    it('says that the outcome is unknown when the connection is cut, and connects again', async () => {
      const cut = await opener(site)(site.target);
      const file = join(folder, 'cut');
      const run = faultOf(cut.run({ argv: ['sh', '-c', `: > ${file}; exec sleep 9`], timeoutMs: 9_000 }));
      await until('it runs', () => spawnSync('test', ['-e', file]).status === 0);
      site.cut();
      expect(await run).toMatchObject({ class: 'unknown-outcome', code: 'connection-lost' });
      expect(await cut.run({ argv: ['echo', 'again'], timeoutMs: 5_000 })).toMatchObject({ stdout: 'again\n' });
    });

    it('notices a host that does not answer any more', async () => {
      const frozen = await opener(site)(site.target);
      const file = join(folder, 'frozen');
      const run = faultOf(frozen.run({ argv: ['sh', '-c', `: > ${file}; exec sleep 9`], timeoutMs: 30_000 }));
      await until('it runs', () => spawnSync('test', ['-e', file]).status === 0);
      const began = performance.now();
      site.freeze();
      try {
        expect(await run).toMatchObject({ class: 'unknown-outcome', code: 'connection-lost' });
        expect(performance.now() - began).toBeLessThan(3_000);
      } finally {
        site.thaw();
      }
    });

    it('waits for a host that goes down and comes up', async () => {
      const openHost = opener(site);
      const session = await openHost(site.target);
      await session.run({ argv: ['true'], timeoutMs: 5_000 });
      // What is asked in the moment in which the connection breaks has an unknown outcome; a harmless question is asked again.
      const ask = async (timeoutMs: number): Promise<Ran> => {
        const question = { argv: ['echo', 'up'], timeoutMs };
        return session.run(question).catch((error: unknown) => {
          if (error instanceof ProviderFault && error.error.class === 'unknown-outcome') return session.run(question);
          throw error;
        });
      };
      const { up } = await site.reboot();
      const run = ask(10_000);
      await up();
      expect(await run).toMatchObject({ stdout: 'up\n' });
      const down = await site.reboot();
      expect(await faultOf(ask(1_500))).toMatchObject({ class: 'transient', code: 'unreachable' });
      await down.up();
    });
  });
}

/** A real agent that holds one key. */
export function startAgent(folder: string, key: string): { readonly socket: string; stop(): void } {
  const socket = join(folder, `agent-${performance.now()}`);
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const end = performance.now() + 5_000;
  const add = () => spawnSync('ssh-add', ['-q', '-'], { input: key, env: { ...process.env, SSH_AUTH_SOCK: socket } });
  while (add().status !== 0) if (performance.now() > end) throw new Error('the agent does not take a key');
  return { socket, stop: () => void agent.kill() };
}
