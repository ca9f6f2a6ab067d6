import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import { openForge, type TestForge } from '../../test/forge/forge.ts';
import type { TestRepository } from '../../test/forge/repository.ts';
import { generateKey } from '../../test/hosts/key.ts';
import { openPodman } from '../../test/hosts/podman.ts';
import { type Ended, run } from '../crash/program.ts';
import type { Canary } from './canary.ts';
import { openTap, type Tap } from './tap.ts';

const REPOSITORY = 'acme/infrastructure';
/** Addresses of the one host. */
const RANGE = { network: '10.215.80.0/20', subnet: '10.215.81.0/24' };

/** A repository on a fake of GitHub, a demo cloud, and one real host whose service holds every canary. */
export interface Site {
  readonly root: string;
  readonly home: string;
  /** Where the program may put temporary files. */
  readonly temporary: string;
  readonly forge: TestForge;
  readonly repository: TestRepository;
  readonly cloud: DemoCloud;
  readonly tap: Tap;
  /** What every process printed so far. */
  readonly printed: Ended[];
  /** Runs the shipped program as users do. */
  start(words: readonly string[], how?: How): Promise<Ended>;
  /** Encrypts these values for the service, as a person does in an editor; the files of the workspace that changed. */
  sealed(values: readonly Canary[]): Promise<{ readonly [path: string]: string }>;
  /** What the workspace says besides its secrets. `noisy`: a step of the service prints every value that it was given, and fails. */
  described(how: { readonly keys: readonly string[]; readonly noisy: boolean }): { readonly [path: string]: string };
  /** A commit on a branch of its own, its pull request, and the number of that. */
  propose(files: { readonly [path: string]: string | null }): Promise<number>;
  agree(pull: number): Promise<void>;
  /** Runs a command on the host, past the program. */
  onHost(script: string): Promise<string>;
  close(): Promise<void>;
}

interface How {
  readonly env?: { readonly [name: string]: string };
  readonly input?: string;
}

export async function openSite(keep: boolean): Promise<Site> {
  const root = mkdtempSync(join(tmpdir(), 'canaries-'));
  const name = `canaries-${randomBytes(2).toString('hex')}`;
  const at = (path: string): string => join(root, path);
  for (const folder of ['home', 'temporary', 'edited']) mkdirSync(at(folder), { mode: 0o700 });
  const [cloud, forge] = await Promise.all([startDemoCloud({ settings: { actionMs: [5, 40] } }), openForge()]);
  const tap = await openTap(forge.url);
  const workspace = { name, providers: { local: {}, demo: { url: cloud.url } }, defaultProvider: 'local' };
  const repository = await forge.repository(REPOSITORY, {
    files: { 'shop/workspace.yaml': stringify(workspace) },
  });
  for (const login of ['ann', 'ben']) repository.grant(login, 'write');
  const { appId, privateKey } = forge.app({ slug: 'provisioning', repositories: [REPOSITORY] });
  const key = generateKey();
  writeFileSync(at('identity'), key.privateKey, { mode: 0o600 });
  const printed: Ended[] = [];
  const environment = {
    TMPDIR: at('temporary'),
    // A busy machine takes its time.
    PROVISIONING_LEASE_MS: '60000',
    PROVISIONING_SSH_KEY: at('identity'),
    GITHUB_SERVER_URL: forge.url,
    GITHUB_API_URL: `${tap.url}/api/v3`,
    GITHUB_APP_ID: appId,
    GITHUB_APP_PRIVATE_KEY: privateKey,
  };
  const start: Site['start'] = async (args, { env, ...how } = {}) => {
    const ended = await run({ args, home: at('home'), env: { ...environment, ...env }, ...how });
    printed.push(ended);
    return ended;
  };
  const site = { root, home: at('home'), temporary: at('temporary'), forge, repository, cloud, tap, printed, start };
  const host = hostOf(name);
  return {
    ...site,
    sealed: values => sealed(site, values),
    described: how => ({
      'shop/infra/all.yaml': infra(key.publicKey, how),
      'shop/taskservs/nest/service.yaml': service(how.keys),
    }),
    propose: files => propose(repository, files),
    async agree(pull) {
      await repository.review(pull, { by: 'ben', verdict: 'approve' });
      await repository.merge(pull, { by: 'ann' });
    },
    onHost: host.run,
    async close() {
      await host.remove();
      endEngine(root);
      await Promise.all([tap.close(), cloud.close()]);
      await forge.close();
      if (!keep) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function propose(repository: TestRepository, files: { readonly [path: string]: string | null }): Promise<number> {
  const branch = `change-${repository.state.issues.length + 1}`;
  await repository.push({ by: 'ann', branch, files });
  return repository.openPull({ by: 'ann', branch });
}

/** A file of secrets with these values, written by the program's own commands. */
async function sealed(
  site: Pick<Site, 'root' | 'start'>,
  values: readonly Canary[],
): Promise<{ readonly [path: string]: string }> {
  const folder = join(site.root, 'edited');
  const plain = join(site.root, 'plain.yaml');
  const done = async (words: readonly string[], how?: How): Promise<Ended> => {
    const ended = await site.start([...words, '--json'], how);
    if (ended.code === 0) return ended;
    throw new Error(`${words.join(' ')} ended with ${ended.code}: ${ended.stdout} ${ended.stderr}`);
  };
  const [first] = values;
  if (readdirSync(folder).length === 0 && first !== undefined) {
    const { stdout } = await done(['secret', 'keygen']);
    const { recipient } = JSON.parse(stdout) as { readonly recipient: string };
    await done(['secret', 'recipients', '--add', recipient, '-C', folder]);
    await done(['secret', 'set', `canary/${first.key}`, '-C', folder], { input: first.value });
  }
  writeFileSync(plain, stringify(Object.fromEntries(values.map(({ key, value }) => [key, value])), { lineWidth: 0 }), {
    mode: 0o600,
  });
  await done(['secret', 'edit', 'canary', '-C', folder], { env: { EDITOR: `cp ${plain}` } });
  rmSync(plain);
  return Object.fromEntries(
    readdirSync(join(folder, 'secrets')).map(file => [
      `shop/secrets/${file}`,
      readFileSync(join(folder, 'secrets', file), 'utf8'),
    ]),
  );
}

function infra(publicKey: string, how: Parameters<Site['described']>[0]): string {
  const uses = Object.fromEntries(how.keys.map(key => [key, `\${secret.canary/${key}}`]));
  return stringify(
    {
      network: { main: { ipRange: RANGE.network } },
      subnet: { hosts: { network: 'main', ipRange: RANGE.subnet } },
      'ssh-key': { me: { publicKey } },
      server: {
        web: {
          size: 'small',
          image: 'debian-12',
          subnet: 'hosts',
          sshKeys: ['me'],
          taskservs: { nest: { ...uses, noisy: how.noisy } },
        },
        far: { provider: 'demo', size: how.noisy ? 'large' : 'small', image: 'debian-12', zone: 'fi-1' },
      },
    },
    { lineWidth: 0 },
  );
}

/** A service whose only work is to hold secrets: in files, on the standard input of a step, and in the words of none. */
function service(keys: readonly string[]): string {
  const secrets = keys.map(key => [key, { type: 'secret', description: 'A canary.', pattern: '^[^]*$' }]);
  const all = keys.map(key => `\${${key}}`).join('\n');
  return stringify(
    {
      summary: 'Holds canaries.',
      categories: ['security'],
      holdsData: false,
      parameters: {
        ...Object.fromEntries(secrets),
        noisy: { type: 'truth', description: 'Prints them and fails.', default: false },
      },
      items: [
        { is: 'directory', path: '/srv/nest', mode: '0700' },
        ...keys.map(key => ({
          is: 'file',
          path: `/srv/nest/${key}`,
          text: `\${${key}}`,
          mode: '0600',
          isSecret: true,
        })),
        {
          is: 'task',
          title: 'print them',
          done: ['false'],
          run: ['sh', '-c', 'cat; cat /srv/nest/* >&2; exit 1'],
          stdin: all,
          when: 'noisy',
        },
        { is: 'verify', title: 'they are there', run: ['sh', '-c', 'cat | wc -c'], stdin: all, expect: '^[1-9]' },
      ],
    },
    { lineWidth: 0 },
  );
}

/** The container that the workspace made, reached past the program. */
function hostOf(name: string) {
  const podman = openPodman();
  const named = async (...words: readonly string[]): Promise<readonly string[]> =>
    (await podman.run(words)).split('\n').filter(line => line.startsWith(`${name}-`));
  return {
    async run(script: string) {
      const [container = ''] = await named('ps', '--format', '{{.Names}}');
      return podman.run(['exec', container, 'sh', '-c', script]);
    },
    async remove() {
      const hosts = await named('ps', '--all', '--format', '{{.Names}}');
      for (const host of hosts) await podman.run(['rm', '--force', '--time=0', '--volumes', host]);
      for (const network of await named('network', 'ls', '--format', '{{.Name}}'))
        await podman.run(['network', 'rm', '--force', network]);
      rmSync(podman.directory, { recursive: true, force: true });
    },
  };
}

/** The container engine that the program started for itself goes by itself only after a while. */
function endEngine(root: string): void {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name)))
    if (commandOf(pid).includes(`unix://${root}/`)) process.kill(Number(pid));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
