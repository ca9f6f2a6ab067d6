import { afterAll, beforeAll, expect, test } from 'vitest';
import { invoke } from '../../../operations/invoke.ts';
import { ownerPolicy } from '../../../operations/permissions.ts';
import { sshExec } from '../../../operations/ssh.exec.ts';
import { systemWorld } from '../../../platform/clock/world.ts';
import { openHosts as openOverSsh } from '../../../platform/ssh/hosts.ts';
import type { Ports } from '../../../reconciler/ports.ts';
import { generateKey } from '../../hosts/key.ts';
import { type OpenHost, type OpenHosts, openHosts } from '../../hosts/open-hosts.ts';
import { openSite, type Site } from '../site.ts';

/**
 * Two machines that nobody here made, known to the product from the workspace file alone: one that is logged in to as an
 * ordinary user with sudo, and one whose key in the file is not its own. Each test goes on where the former one ended.
 */
let open: OpenHosts;
let site: Site;
let ports: Ports;
let machine: OpenHost;
let liar: OpenHost;
const wrongKey = generateKey().publicKey;

const ADMIN = `useradd -m -s /bin/sh admin && install -d -o admin ~admin/.ssh &&
  install -o admin -m 600 ~/.ssh/authorized_keys ~admin/.ssh/authorized_keys &&
  echo 'admin ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/admin`;

beforeAll(async () => {
  open = await openHosts(2, { subnet: '10.231.1.0/24' });
  [machine, liar] = open.hosts as [OpenHost, OpenHost];
  await open.ssh(machine, ADMIN);
  site = await openSite({ leaseMs: 120_000 });
  const secrets: Ports['secrets'] = name =>
    Promise.resolve(name === 'env:PROVISIONING_SSH_KEY' ? open.identity : undefined);
  const openHost = openOverSsh({ world: systemWorld({}), secrets, agent: undefined });
  ports = { ...site.ports, secrets, openHost };
});
afterAll(async () => {
  await site?.close();
  await open?.close();
});

/** Servers by name, each with its machine and its services. */
function push(servers: {
  readonly [name: string]: { readonly size: string; readonly taskservs?: object };
}): Promise<string> {
  const machines = {
    first: { address: machine.address, hostKey: machine.hostKey, user: 'admin' },
    second: { address: liar.address, hostKey: wrongKey },
  };
  const described = Object.entries(servers).map(([name, server]) => [name, { image: 'debian-12', ...server }]);
  return site.push({
    'workspace.yaml': JSON.stringify({ name: 'shop', review: 'none', providers: { ssh: { machines } } }),
    'infra/main.json': JSON.stringify({ server: Object.fromEntries(described) }),
  });
}

const nginx = (text: string) => ({ size: 'first', taskservs: { nginx: { text } } });
const page = (): Promise<string> => open.ssh(machine, 'curl -s http://127.0.0.1/');
const done = async () => (await site.pass(ports)).run?.done;

test('a service comes onto a machine, and the second plan is empty', async () => {
  await push({ web: nginx('one\n') });
  expect(await done()).toEqual(['create server/web', 'create taskserv.nginx/web']);
  expect(await page()).toBe('one\n');
  expect((await site.pass(ports)).status).toBe('in-sync');
});

test('it is changed there, and what somebody else changes on the machine is drift', async () => {
  await push({ web: nginx('two\n') });
  expect(await done()).toEqual(['update taskserv.nginx/web']);
  expect(await page()).toBe('two\n');
  await open.ssh(machine, 'systemctl stop nginx');
  expect(await done()).toEqual(['update taskserv.nginx/web']);
  expect(await page()).toBe('two\n');
});

test('people run commands on it by the name of its server', async () => {
  const signal = new AbortController().signal;
  const call = {
    actor: 'ada@host',
    signals: { stop: signal, abort: signal },
    progress: () => {},
    confirm: () => Promise.resolve(false),
  };
  const raw = { directory: site.clone, hosts: ['web'], root: true, command: ['id', '-un'] };
  const { output } = await invoke(sshExec, { ports, policy: ownerPolicy(call.actor) }, raw, call);
  expect(output.answers).toMatchObject([{ host: 'web', code: 0, stdout: 'root\n' }]);
});

test('a machine with another key than the one in the file gets nothing', async () => {
  await push({ web: nginx('two\n'), other: { size: 'second', taskservs: { nginx: {} } } });
  const report = await site.pass(ports);
  expect(report.run?.done).toEqual(['create server/other']);
  expect(report.run?.failed.map(({ key }) => key)).toEqual(['create taskserv.nginx/other']);
  expect(JSON.stringify(report.run?.failed)).toMatch(/nothing was sent/);
  const log = await open.podman.run(['exec', liar.container, 'journalctl', '--no-pager', '-u', 'ssh']);
  expect(log).toContain(`Connection closed by ${machine.address.replace(/\d+$/, '1')}`);
  expect(log).not.toContain('Accepted');
});

test('the service goes, and the machine is released as it is', async () => {
  await push({ other: { size: 'second' } });
  expect((await done())?.toSorted()).toEqual(['delete server/web', 'delete taskserv.nginx/web']);
  expect(await open.ssh(machine, 'systemctl is-active nginx; hostname')).toBe(`inactive\n${machine.name}\n`);
});
