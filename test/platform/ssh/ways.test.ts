import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostTarget } from '../../../schemas/host.ts';
import { faultOf, opener, until } from './contract.ts';
import { newKey } from './keys.ts';
import { openOwnServer, type OwnSite } from './own-server.ts';

let folder = '';
const open: OwnSite[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ssh-ways-'));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(site => site.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Parameters<typeof openOwnServer>[0] = {}): Promise<OwnSite> {
  const site = await openOwnServer(options);
  open.push(site);
  return site;
}

const TRUE = { argv: ['echo', 'in'], timeoutMs: 10_000 };

describe('through a bastion', () => {
  const both = (gate: OwnSite, inner: OwnSite) =>
    opener(inner, {
      secrets: reference => Promise.resolve((reference === 'env:GATE' ? gate : inner).clientKey.private),
    });
  const through = (gate: OwnSite, inner: OwnSite, more: Partial<HostTarget> = {}): HostTarget => ({
    ...inner.target,
    via: { ...gate.target, identity: { key: 'env:GATE' }, ...more },
  });

  it('goes one connection for all, and both keys are asked for', async () => {
    const [gate, inner] = await Promise.all([start(), start()]);
    const openHost = both(gate, inner);
    const host = await openHost(through(gate, inner));
    expect(await host.run(TRUE)).toMatchObject({ stdout: 'in\n' });
    expect([gate.connections(), gate.lines.length, inner.lines.length]).toEqual([1, 0, 1]);
    await openHost({ ...through(gate, inner), user: 'other' });
    expect([gate.connections(), inner.connections()]).toEqual([1, 2]);
  });

  it('sends nothing to either where a key is another', async () => {
    const [gate, inner] = await Promise.all([start(), start()]);
    const openHost = both(gate, inner);
    const wrongGate = through(gate, inner, { hostKey: newKey().public });
    expect(await faultOf(openHost(wrongGate))).toMatchObject({ code: 'host-key' });
    expect([gate.logins, inner.connections()]).toEqual([[], 0]);
    const wrongInner = { ...through(gate, inner), hostKey: newKey().public };
    expect(await faultOf(openHost(wrongInner))).toMatchObject({ code: 'host-key' });
    expect([inner.logins, inner.lines]).toEqual([[], []]);
  });

  it('says who is in the way', async () => {
    const [gate, inner] = await Promise.all([start({ forwarding: false }), start()]);
    const fault = await faultOf(both(gate, inner)(through(gate, inner)));
    expect(fault).toMatchObject({ class: 'forbidden', code: 'bastion' });
  });
});

describe('as root', () => {
  const sudo = (script: string): NodeJS.ProcessEnv => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'sudo'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'sudo'), 0o755);
    return { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
  };

  it('asks once whether it may, and wraps what kills the program too', async () => {
    const site = await start({ user: 'deploy', environment: sudo('[ "$1 $2" = "-n --" ] && shift 2 && exec "$@"') });
    const host = await opener(site)(site.target);
    expect(await host.run({ ...TRUE, asRoot: true })).toMatchObject({ stdout: 'in\n' });
    expect(await host.run({ ...TRUE, asRoot: true })).toMatchObject({ stdout: 'in\n' });
    expect(site.lines).toEqual([
      `exec 'sudo' '-n' '--' 'timeout' '-s' 'KILL' '--' '15' 'true'`,
      ...Array.from({ length: 2 }, () => `exec 'sudo' '-n' '--' 'timeout' '-s' 'KILL' '--' '10' 'echo' 'in'`),
    ]);
  });

  it('runs nothing where it may not, and says which line is needed', async () => {
    const site = await start({ user: 'deploy', environment: sudo('echo "a password is required" >&2; exit 1') });
    const host = await opener(site)(site.target);
    const fault = await faultOf(host.run({ ...TRUE, asRoot: true }));
    expect(fault).toMatchObject({ class: 'forbidden', code: 'sudo' });
    expect(fault.message).toContain('`deploy ALL=(ALL) NOPASSWD: ALL`');
    expect(site.lines.some(line => line.includes('echo'))).toBe(false);
  });

  it('needs no sudo where root logs in', async () => {
    const site = await start();
    await (await opener(site)(site.target)).run({ ...TRUE, asRoot: true });
    expect(site.lines).toEqual([`exec 'timeout' '-s' 'KILL' '--' '10' 'echo' 'in'`]);
  });
});

describe('the key to log in with', () => {
  const login = async (held: { [reference: string]: string | undefined }, passphrase?: string) => {
    const site = await start();
    const values = { 'env:KEY': site.clientKey.private, ...held };
    const openHost = opener(site, { secrets: reference => Promise.resolve(values[reference as 'env:KEY']) });
    const identity = { key: 'env:KEY', ...(passphrase === undefined ? {} : { passphrase }) };
    return { site, opened: openHost({ ...site.target, identity }) };
  };

  it('may be a file that nobody else can read', async () => {
    const site = await start();
    const file = join(folder, 'key');
    writeFileSync(file, site.clientKey.private, { mode: 0o600 });
    const openHost = opener(site, { secrets: () => Promise.resolve(file) });
    expect(await (await openHost(site.target)).run(TRUE)).toMatchObject({ stdout: 'in\n' });
    chmodSync(file, 0o640);
    const fault = await faultOf(opener(site, { secrets: () => Promise.resolve(file) })(site.target));
    expect(fault).toMatchObject({ class: 'unauthenticated', code: 'open-key' });
    expect(fault.message).toContain('(mode 0640): chmod 600');
  });

  it.each<[string, { [reference: string]: string | undefined }, string | undefined, string]>([
    ['is missing', { 'env:KEY': undefined }, undefined, 'no-key'],
    ['is no key', { 'env:KEY': 'hunter2-hunter2' }, undefined, 'no-key'],
    ['is damaged', { 'env:KEY': '-----BEGIN OPENSSH PRIVATE KEY-----\nsecret' }, undefined, 'bad-key'],
    ['is public', { 'env:KEY': `${newKey().public} PRIVATE KEY-----` }, undefined, 'bad-key'],
    ['is locked', { 'env:KEY': newKey('ed25519', 'phrase').private }, undefined, 'bad-key'],
    [
      'is locked with another phrase',
      { 'env:KEY': newKey('ed25519', 'phrase').private, 'env:P': 'other' },
      'env:P',
      'bad-key',
    ],
    ['has no phrase', {}, 'env:P', 'no-passphrase'],
  ])('is refused without a contact when it %s', async (_, held, passphrase, code) => {
    const { site, opened } = await login(held, passphrase);
    const fault = await faultOf(opened);
    expect(fault).toMatchObject({ class: 'unauthenticated', code });
    expect(fault.message).not.toMatch(/secret|hunter2|phrase"/);
    expect(site.connections()).toBe(0);
  });

  it('opens with its phrase', async () => {
    const sealed = newKey('ed25519', 'phrase');
    const { site, opened } = await login({ 'env:KEY': sealed.private, 'env:P': 'phrase' }, 'env:P');
    // It is a key that the server does not know, which is found out only by showing it.
    expect((await faultOf(opened)).message).toContain(sealed.fingerprint);
    expect(site.logins.length).toBeGreaterThan(0);
  });

  it('is asked for where there is neither key nor agent', async () => {
    const site = await start();
    const { identity: _, ...target } = site.target;
    expect(await faultOf(opener(site)(target))).toMatchObject({ class: 'unauthenticated', code: 'no-key' });
  });
});

it('ends a connection that nobody used for a while, and makes another when it is needed', async () => {
  const site = await start();
  const openHost = opener(site, { times: { idleMs: 50 } });
  const host = await openHost(site.target);
  await host.run(TRUE);
  await until('the connection is ended', () => site.live() === 0);
  expect(await host.run(TRUE)).toMatchObject({ code: 0 });
  expect(site.connections()).toBe(2);
});

it('runs at most eight commands at once on a host', async () => {
  const site = await start();
  const host = await opener(site)(site.target);
  await Promise.all(Array.from({ length: 20 }, () => host.run({ argv: ['sleep', '0.05'], timeoutMs: 10_000 })));
  expect(site.most()).toBe(8);
});
