import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../hosts/podman.ts';
import type { Origin } from './origin.ts';
import type { OriginProof } from './releases.ts';

const NUSHELL = '0.115.1';
const ROOT = join(import.meta.dirname, '../../..');

/** Services whose real program can be had here: from Debian, from the npm registry, or because it is this one. */
export async function realProofs(origin: Origin): Promise<readonly OriginProof[]> {
  const folder = mkdtempSync(join(tmpdir(), 'provisioning-real-'));
  try {
    return [
      { service: 'kms', parameters: {}, changed: { port: 9999 } },
      await nushell(origin, folder),
      await ourselves(origin, folder),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What `npm pack` makes of a package. */
async function packed(folder: string, what: readonly string[]): Promise<string> {
  const before = new Set(readdirSync(folder));
  await runProgram(['npm', 'pack', '--silent', '--ignore-scripts', `--pack-destination=${folder}`, ...what]);
  const [made = ''] = readdirSync(folder).filter(name => !before.has(name));
  return join(folder, made);
}

/** The real program, in an archive like that of upstream. */
async function nushell(origin: Origin, folder: string): Promise<OriginProof> {
  await runProgram(['tar', '-xf', await packed(folder, [`@nushell/linux-x64@${NUSHELL}`]), '-C', folder]);
  const published = await origin.archive('nushell.tar.gz', {
    [`nu-${NUSHELL}-x86_64-unknown-linux-gnu/nu`]: { path: join(folder, 'package', 'bin', 'nu') },
  });
  const pinned = { version: NUSHELL, ...published };
  return { service: 'nushell', parameters: pinned, changed: { ...pinned, users: ['games'] } };
}

const DESIRED = '/var/lib/provisioning-node/desired.git';

/** A repository that asks for one server of a demo cloud on the same host. */
const PUSHED = String.raw`
set -eu
apt-get install -qq -y git >/dev/null
useradd --system --user-group --home-dir /var/lib/provisioning-node provisioning
git init --quiet --bare --initial-branch=main ${DESIRED}
work=$(mktemp -d)
cd "$work"
git init --quiet --initial-branch=main
mkdir infra
printf '%s\n' 'name: hello' 'providers: { demo: { url: "http://127.0.0.1:7070" } }' 'review: none' > workspace.yaml
printf '%s\n' 'server: { greeter: { size: nano, image: debian-12 } }' > infra/servers.yaml
git add .
git -c user.name=Tester -c user.email=tester@localhost commit --quiet -m 'one server'
git push --quiet ${DESIRED} main
chown -R provisioning:provisioning ${DESIRED}`;

/** This very program with the Node.js that runs here: it follows a repository and does what was pushed. */
async function ourselves(origin: Origin, folder: string): Promise<OriginProof> {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const node = process.versions.node;
  const parameters = {
    version,
    ...origin.program('provisioning.tgz', { path: await packed(folder, [ROOT]) }),
    node: {
      version: node,
      ...(await origin.archive('node.tar', { [`node-v${node}-linux-x64/bin/node`]: { path: process.execPath } })),
    },
    repository: `file://${DESIRED}`,
    intervalSeconds: 5,
  };
  const program = '/usr/local/lib/provisioning/program';
  const cloud = `systemd-run --quiet --setenv=PROVISIONING_HOME=/var/lib/cloud ${program}/node ${program}/package/dist/main.js demo cloud`;
  const state = `runuser -u provisioning -- git -C ${DESIRED} ls-tree -r --name-only provisioning/state/hello`;
  return {
    service: 'provisioning',
    parameters,
    changed: { ...parameters, parallel: 2 },
    before: PUSHED,
    use: {
      script: `${cloud} && timeout 120 sh -c 'until ${state} 2>/dev/null | grep greeter; do :; done'`,
      prints: /greeter/,
    },
  };
}
