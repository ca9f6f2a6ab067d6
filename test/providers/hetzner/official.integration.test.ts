import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const FOLDER = import.meta.dirname;
const MAIN = join(FOLDER, '../../fakes/hetzner/main.ts');
const SPEC = process.env['PROVISIONING_HCLOUD_SPEC'];

function has(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const PYTHON = ['/usr/bin/python3', 'python3'].find(python => has(python, '-c', 'import hcloud'));
const HAS_CLI = has('hcloud', 'help');
for (const [name, is] of [
  ['hcloud (Debian package hcloud-cli)', HAS_CLI],
  ['the Python client (Debian package python3-hcloud)', PYTHON !== undefined],
] as const)
  if (!is) process.stderr.write(`NOT TESTED: ${name} is not installed, so the fake was not judged by it\n`);

let fake: ChildProcess;
let url = '';
const scratch = mkdtempSync(join(tmpdir(), 'hetzner-fake-'));

beforeAll(async () => {
  const spec = SPEC === undefined ? [] : ['--spec', SPEC];
  fake = spawn(process.execPath, ['--import', 'tsx', MAIN, '--action-ms', '100', ...spec], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  url = await new Promise((resolve, reject) => {
    fake.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim()));
    fake.once('exit', code => reject(new Error(`the fake ended with ${code}`)));
  });
}, 60_000);

afterAll(() => {
  fake.kill();
  rmSync(scratch, { recursive: true });
});

/** What the clients of 2023 send that is not described any more. */
const OUTDATED = [
  'POST /networks/{id}/actions/add_subnet: /requestBody must NOT have additional properties {"additionalProperty":"gateway"}',
  'GET /actions: /query must NOT have additional properties {"additionalProperty":"page"}',
  'GET /actions: /query must NOT have additional properties {"additionalProperty":"per_page"}',
  'GET /actions: /query must NOT have additional properties {"additionalProperty":"sort"}',
];

/** Every request and answer so far was as described, but for what old clients are known to do. */
async function expectDescribed(): Promise<void> {
  const told = (await (await fetch(new URL('/fake/violations', url))).json()) as readonly string[];
  expect([...new Set(told)].filter(one => !OUTDATED.includes(one))).toEqual([]);
}

describe.skipIf(!HAS_CLI)('the official command line', () => {
  const hcloud = async (words: string): Promise<string> => {
    const env = { PATH: process.env['PATH'], HOME: scratch, HCLOUD_ENDPOINT: url, HCLOUD_TOKEN: 'token' };
    const { stdout } = await run('hcloud', words.split(' '), { env, timeout: 60_000 });
    return stdout.trim().replace(/ +/g, ' ');
  };
  const code = (words: string): Promise<string> =>
    hcloud(words).then(
      () => 'was let pass',
      (error: { readonly stderr?: string }) => /\((\w+)\)/.exec(error.stderr ?? '')?.[1] ?? 'refused',
    );

  it('makes, shows, changes and deletes', async () => {
    const key = join(scratch, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    await hcloud(`ssh-key create --name key --public-key-from-file ${key}.pub`);
    await hcloud('network create --name net --ip-range 10.0.0.0/16');
    await hcloud('network add-subnet net --type cloud --network-zone eu-central --ip-range 10.0.1.0/24');
    await hcloud('firewall create --name wall');
    await hcloud('firewall add-rule wall --direction in --protocol tcp --port 22 --source-ips 0.0.0.0/0');
    await hcloud('placement-group create --name apart --type spread');
    const server = 'server create --name web --type cx23 --image debian-12 --location fsn1 --ssh-key key';
    await hcloud(`${server} --network net --firewall wall --placement-group apart --label team=blue`);
    await hcloud('volume create --name data --size 10 --server web --format ext4');
    await hcloud('floating-ip create --type ipv4 --server web --name front');
    await hcloud('load-balancer create --name lb --type lb11 --location fsn1');
    const columns = 'name,status,private_net,type';
    expect(await hcloud(`server list -o noheader -o columns=${columns} -l team=blue`)).toBe(
      'web running 10.0.1.2 (net) cx23',
    );
    expect(await hcloud('volume list -o noheader -o columns=name,size,server')).toBe('data 10 GB web');
    expect(await hcloud('firewall list -o noheader -o columns=name,rules_count')).toBe('wall 1 Rule');
    expect(await code('network create --name net --ip-range 10.0.0.0/16')).toBe('uniqueness_error');
    expect(await code('volume delete data')).toBe('volume_already_attached');
    expect(await code('floating-ip delete front')).toBe('must_be_unassigned');
    expect(await code('server change-type web cx33 --keep-disk')).toBe('server_not_stopped');
    await hcloud('volume resize data --size 20');
    await hcloud('volume detach data');
    await hcloud('floating-ip unassign front');
    await hcloud('server poweroff web');
    await hcloud('server change-type web cx33 --keep-disk');
    await hcloud('server poweron web');
    await hcloud('server enable-protection web delete rebuild');
    expect(await code('server delete web')).toBe('protected');
    await hcloud('server disable-protection web delete rebuild');
    expect(await hcloud(`server list -o noheader -o columns=${columns}`)).toBe('web running 10.0.1.2 (net) cx33');
    for (const gone of [
      'server delete web',
      'volume delete data',
      'floating-ip delete front',
      'load-balancer delete lb',
    ])
      await hcloud(gone);
    for (const gone of [
      'firewall delete wall',
      'network delete net',
      'placement-group delete apart',
      'ssh-key delete key',
    ])
      await hcloud(gone);
    for (const kind of ['server', 'volume', 'network', 'firewall', 'ssh-key', 'load-balancer', 'floating-ip'])
      expect(await hcloud(`${kind} list -o noheader`)).toBe('');
    await expectDescribed();
  }, 120_000);
});

describe.skipIf(PYTHON === undefined)('the official Python client', () => {
  it('makes, lists and deletes', async () => {
    const { stdout } = await run(PYTHON ?? '', [join(FOLDER, 'client.py'), url], { timeout: 60_000 });
    expect(stdout.trim().split('\n')).toEqual([
      "server running cx23 10.0.1.2 {'team': 'blue'}",
      'volume True',
      "selected ['web']",
      'none []',
      'taken uniqueness_error',
      'in use resource_in_use',
      'attached volume_already_attached',
      'running server_not_stopped',
      'left 0 0 0',
    ]);
    await expectDescribed();
  }, 120_000);
});
