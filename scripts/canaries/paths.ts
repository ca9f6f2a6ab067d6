import { join } from 'node:path';
import { git } from '../crash/git.ts';
import { ending, reportOf } from '../crash/flow.ts';
import type { Ended } from '../crash/program.ts';
import type { Canary } from './canary.ts';
import type { Site } from './site.ts';

/** One way in which things go, and what has to be so afterwards for it to have been that way. */
export interface Path {
  readonly name: string;
  /** It goes on with the values that the path before it delivered. */
  readonly goesOn?: true;
  walk(site: Site, values: readonly Canary[]): Promise<void>;
}

/** Whoever comes after a killed program waits for its lease. */
const KILLED_LEASE_MS = '12000';

const RECONCILE = ['reconcile', '--once', '--wait', '60', '--json'];

/** Every path, in the order in which they are walked in one workspace: each goes on from the one before. */
export const PATHS: readonly Path[] = [
  { name: 'success', walk: succeed },
  { name: 'validation error', walk: mistake },
  { name: 'debug', walk: debug },
  { name: 'drift', goesOn: true, walk: drift },
  { name: 'crash', walk: crash },
  { name: 'provider error', walk: fail },
  { name: 'rollback', goesOn: true, walk: rollBack },
  { name: 'SSH failure', walk: strangeHost },
];

async function succeed(site: Site, values: readonly Canary[]): Promise<void> {
  await change(site, values);
  expect(await apply(site), 0);
  await delivered(site, values);
}

/** A secret where none may stand, one that is not there, one in plain text, one inside what cannot be read. */
async function mistake(site: Site, values: readonly Canary[]): Promise<void> {
  const uses = values.map(({ key }, at) => `  n-${at}: { publicKey: "\${secret.canary/${key}}" }`);
  const plain = values.map(({ key, value }) => `        ${key}: ${JSON.stringify(value)}`);
  const server = `server:\n  two:\n    size: small\n    image: debian-12\n    taskservs:\n      nest:\n`;
  const pull = await site.propose({
    'shop/infra/places.yaml': `ssh-key:\n${uses.join('\n')}\n`,
    'shop/infra/plain.yaml': `${server}${plain.join('\n')}\n`,
    'shop/infra/missing.yaml': values.map(({ key }) => `server.${key}: "\${secret.canary/${key}x}"\n`).join(''),
    'shop/infra/broken.yaml': values.map(({ value }) => `- {${value}: [\n`).join(''),
    'shop/infra/broken.toml': values.map(({ value }) => `x = "${value}\n`).join(''),
  });
  await site.start(review(site, String(pull)));
  const shown = sticky(site, pull);
  for (const file of ['places.yaml', 'plain.yaml', 'missing.yaml', 'broken.yaml', 'broken.toml'])
    if (!shown.includes(file)) throw new Error(`pull request ${pull} shows no problem of ${file}: ${shown}`);
  await site.repository.close(pull, { by: 'ann' });
  // And a value that cannot be kept out of outputs, and one that its format cannot hold.
  await site.start(['secret', 'set', 'canary/short', '-C', `${site.root}/edited`], { input: 'short' });
}

async function debug(site: Site, values: readonly Canary[]): Promise<void> {
  const env = { PROVISIONING_DEBUG: '1', PROVISIONING_LOG: 'json' };
  await change(site, values);
  expect(await apply(site, env), 0);
  await delivered(site, values);
  const refused = await site.start(['secret', 'get', 'canary/none', '--reveal', '-C', `${site.root}/edited`], { env });
  if (refused.code === 0 || !refused.stderr.includes('at ')) throw new Error('no stack was shown');
}

/** Secrets of the host were edited and mixed up by hand: that is found, told and healed. */
async function drift(site: Site, values: readonly Canary[]): Promise<void> {
  await site.onHost('cd /srv/nest && for f in *; do cat "$f" "$f" > /tmp/x; cat /tmp/x > "$f"; done; chmod 644 c0');
  const ended = await apply(site);
  if (!ended.stdout.includes('was edited')) throw new Error(`no drift was told: ${told(ended)}`);
  await site.start(['drift', 'show', '-C', await clone(site)]);
  await agreed(site, ended);
  await delivered(site, values);
}

/** Killed at places around what is sent to the host, with a look at the remains by whoever called. */
async function crash(site: Site, values: readonly Canary[]): Promise<void> {
  await change(site, values);
  for (const point of ['ssh.run.before:2', 'ssh.run.after:2', 'outcome.before:1']) {
    const env = { PROVISIONING_FAILPOINT: `${point}:kill`, PROVISIONING_LEASE_MS: KILLED_LEASE_MS };
    let ended = await apply(site, env);
    // On a busy machine a lease may end first, and the run stops by itself.
    for (let tries = 1; ended.signal !== 'SIGKILL' && tries < 3; tries += 1) ended = await apply(site, env);
    if (ended.signal !== 'SIGKILL') throw new Error(`${point} did not kill: ${told(ended)}`);
  }
  expect(await apply(site), 0);
  await delivered(site, values);
}

/** A host that prints all that it was given, and a cloud that answers with a secret as the code of its error. */
async function fail(site: Site, values: readonly Canary[]): Promise<void> {
  for (const { value } of values)
    site.cloud.core.arm({ fault: 'action-fails', code: value, match: { kind: 'server' } });
  await change(site, values, true);
  const ended = await apply(site);
  expect(ended, 5);
  if (!ended.stdout.includes('print them')) throw new Error(`the host did not fail: ${told(ended)}`);
}

/** What failed is taken back: to values of a commit before. */
async function rollBack(site: Site): Promise<void> {
  const ended = await site.start(['rollback', '-C', await clone(site), '--auto-approve', '--json']);
  if (ended.code !== 0) throw new Error(`nothing was rolled back: ${told(ended)}`);
}

/** Another machine stands at the address of the host. */
async function strangeHost(site: Site, values: readonly Canary[]): Promise<void> {
  const key = '/etc/ssh/ssh_host_ed25519_key';
  await site.onHost(`mv ${key} /etc/ssh/kept && ssh-keygen -q -t ed25519 -N "" -f ${key} && systemctl restart ssh`);
  await change(site, values);
  const ended = await apply(site);
  if (ended.code === 0 || !/host key/.test(ended.stdout)) throw new Error(`the host was believed: ${told(ended)}`);
  await site.onHost(`mv /etc/ssh/kept ${key} && systemctl restart ssh`);
  await agreed(site, await apply(site));
  await delivered(site, values);
}

/** New values for all secrets, through a pull request that was planned and agreed to. */
async function change(site: Site, values: readonly Canary[], noisy = false): Promise<void> {
  const described = site.described({ keys: values.map(({ key }) => key), noisy });
  const pull = await site.propose({ ...described, ...(await site.sealed(values)) });
  expect(await site.start(review(site, String(pull))), 0);
  if (!sticky(site, pull).includes('(secret canary/c0)')) throw new Error('the plan does not show its secrets');
  await site.agree(pull);
}

/** The workspace as a person has it on their disk. */
async function clone(site: Site): Promise<string> {
  const folder = join(site.root, `clone-${site.printed.length}-${site.repository.state.issues.length}`);
  await git(site.root, 'clone', '--quiet', site.repository.path, folder);
  await git(folder, 'remote', 'set-url', 'origin', site.repository.gitUrl);
  return join(folder, 'shop');
}

const review = (site: Site, pull: string): readonly string[] => [
  'review',
  '--pull',
  pull,
  '--repository',
  site.repository.gitUrl,
  '--json',
];

function apply(site: Site, env = {}): Promise<Ended> {
  return site.start([...RECONCILE, '--repository', site.repository.gitUrl], { env });
}

/** Agrees to the plan that a pass waits for, and has it applied. */
async function agreed(site: Site, waiting: Ended): Promise<void> {
  const digest = reportOf(waiting)?.digest ?? '';
  expect(await site.start(['approve', digest, '-C', await clone(site), '--json']), 0);
  expect(await apply(site), 0);
}

function sticky(site: Site, pull: number): string {
  return site.repository
    .comments(pull)
    .map(({ body }) => body)
    .join('\n');
}

/** That the canaries were used at all: each stands on the host, byte for byte. */
async function delivered(site: Site, values: readonly Canary[]): Promise<void> {
  const printed = await site.onHost('cd /srv/nest && for f in *; do printf "%s " "$f"; base64 -w0 < "$f"; echo; done');
  const there = new Map(printed.split('\n').map(line => line.split(' ') as [string, string]));
  const missing = values.filter(({ key, value }) => there.get(key) !== Buffer.from(value).toString('base64'));
  if (missing.length > 0) throw new Error(`not delivered: ${missing.map(({ name }) => name).join(', ')}`);
}

function expect(ended: Ended, code: number): void {
  if (ended.code !== code) throw new Error(`exit ${ended.code}, not ${code}: ${told(ended)}`);
}

function told(ended: Ended): string {
  return `${ending(ended)} ${ended.stderr.slice(-1_000)}`;
}
