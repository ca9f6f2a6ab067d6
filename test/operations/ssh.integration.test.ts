import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { invoke } from '../../operations/invoke.ts';
import type { Call, Operation } from '../../operations/operation.ts';
import { ownerPolicy } from '../../operations/permissions.ts';
import { sshConfig } from '../../operations/ssh.config.ts';
import { sshExec } from '../../operations/ssh.exec.ts';
import type { Ports } from '../../reconciler/ports.ts';
import type { RecordedObject } from '../../schemas/checkpoint.ts';
import { Fault } from '../../schemas/fault.ts';
import { opener } from '../platform/ssh/contract.ts';
import { newKey } from '../platform/ssh/keys.ts';
import { openSshd, type SshdSite } from '../platform/ssh/sshd.ts';
import { openSite, type Site } from '../reconciler/site.ts';

const CALL: Call = {
  actor: 'ada@host',
  signals: { stop: new AbortController().signal, abort: new AbortController().signal },
  progress: () => {},
  confirm: () => Promise.resolve(false),
};

let site: Site;
let one: SshdSite;
let two: SshdSite;
let ports: Ports;

/** Three servers on record: two real ones, and one whose recorded key is another than it shows. */
beforeAll(async () => {
  [site, one, two] = await Promise.all([openSite(), openSshd(), openSshd()]);
  const keyOf = (port: number): string => (port === one.target.port ? one : two).clientKey.private;
  // Each of the two lets another key in.
  const openFor = (own: SshdSite) => opener(own, { secrets: () => Promise.resolve(keyOf(own.target.port)) });
  const [first, second] = [openFor(one), openFor(two)];
  ports = { ...site.ports, openHost: target => (target.port === one.target.port ? first : second)(target) };
  await site.push({});
  const [target] = await site.targets();
  if (target === undefined) throw new Error('no workspace');
  const store = ports.openState({ remote: target.stateRemote, workspace: 'shop' });
  const objects = [server('web-1', one), server('web-2', two), server('web-3', one, newKey().public)];
  await store.rebuild({ lineage: '', objects, by: 'ada', holder: ports.holder });
}, 60_000);
afterAll(() => Promise.all([site.close(), one.close(), two.close()]));

function server(name: string, { target }: SshdSite, hostKey = target.hostKey): RecordedObject {
  return {
    key: `server/${name}`,
    address: `server/${name}`,
    kind: 'server',
    provider: 'demo',
    account: 'demo',
    id: `id-${name}`,
    spec: {},
    outputs: { id: `id-${name}`, publicIp: target.address, sshPort: target.port, loginUser: 'root', hostKey },
    needs: [],
    protect: false,
    opId: `op-${name}`,
    by: { run: 'run', key: `server/${name}` },
  } as RecordedObject;
}

function ask<I extends z.ZodObject, O extends z.ZodType>(
  operation: Operation<I, O>,
  raw: { [field: string]: unknown },
) {
  const door = { ports, policy: ownerPolicy(CALL.actor) };
  return invoke(operation, door, { directory: site.clone, ...raw }, CALL);
}

describe('ssh exec', () => {
  it('runs a command on the servers that are named, and shows what each said', async () => {
    const { output, input } = await ask(sshExec, {
      hosts: ['web-1,web-2'],
      command: ['printf', 'a\tb\n\x1b[31mred\n%s', "it's $HOME"],
    });
    expect(output.answers.map(({ host, code, error }) => [host, code, error])).toEqual([
      ['web-1', 0, null],
      ['web-2', 0, null],
    ]);
    const said = (host: string): string => `${host} | a    b\n${host} | \\u{1b}[31mred\n${host} | it's $HOME\n`;
    expect(sshExec.text(output, { colour: false, width: 80 })).toBe(said('web-1') + said('web-2'));
    expect(sshExec.exitCode?.(output, input)).toBe(0);
    const [, begin] = await ports.audit.list({ limit: 2 });
    expect(begin).toMatchObject({ operation: 'ssh.exec', permission: 'ssh:exec', facts: { hosts: ['web-1,web-2'] } });
    // The words of the command may hold a secret.
    expect(JSON.stringify(begin)).not.toContain('HOME');
  });

  it('goes on with the others where one is not who it should be', async () => {
    const { output, input } = await ask(sshExec, { all: true, command: ['sh', '-c', 'echo no >&2; exit 4'] });
    expect(output.answers.map(({ host, code, error }) => [host, code, error?.class])).toEqual([
      ['web-1', 4, undefined],
      ['web-2', 4, undefined],
      ['web-3', null, 'forbidden'],
    ]);
    const text = sshExec.text(output, { colour: false, width: 80 });
    expect(text).toContain('web-1 ! no\nweb-1 ✗ exit code 4\n');
    expect(text).toMatch(/^web-3 ✗ .*nothing was sent/m);
    expect(sshExec.exitCode?.(output, input)).toBe(5);
  });

  it.each([
    [{}, 'it is not said on which servers'],
    [{ all: true, hosts: ['web-1'] }, '--hosts and --all say two things'],
    [{ hosts: ['web-1', 'wbe-2'] }, 'no server "wbe-2" is recorded'],
  ])('contacts nobody when it is not clear whom: %j', async (raw, what) => {
    const before = one.connections();
    const fault = await ask(sshExec, { command: ['true'], ...raw }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'usage', message: what });
    expect(one.connections()).toBe(before);
  });
});

describe('ssh config', () => {
  it('is all that plain ssh needs, and holds for the recorded key alone', async () => {
    const { output } = await ask(sshConfig, {});
    const file = join(site.directory, 'shop.ssh');
    writeFileSync(file, sshConfig.text(output, { colour: false, width: 80 }));
    const key = join(site.directory, 'key');
    writeFileSync(key, one.clientKey.private, { mode: 0o600 });
    // Not waited for in one step: the door in front of sshd is in this process.
    const plain = async (host: string): Promise<{ status: number | null; said: string }> => {
      const ssh = spawn('ssh', ['-F', file, '-i', key, '-o', 'BatchMode=yes', host, 'echo in']);
      let said = '';
      for (const stream of [ssh.stdout, ssh.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
      const [status] = (await once(ssh, 'close')) as [number | null];
      return { status, said };
    };
    expect(await plain('web-1')).toEqual({ status: 0, said: 'in\n' });
    const refused = await plain('web-3');
    expect(refused.status).toBe(255);
    expect(refused.said).toContain('verification failed');
    expect(output.knownHosts).toContain(`web-2 ${two.hostKey.public}\n`);
  });
});
