import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { systemWorld } from '../../../platform/clock/world.ts';
import { openHosts } from '../../../platform/ssh/hosts.ts';
import type { HostTarget, OpenHost } from '../../../schemas/host.ts';
import { openSshd, type SshdSite } from '../../../test/platform/ssh/sshd.ts';
import { type Bench, expect, folder } from '../bench.ts';
import { median } from '../pairs.ts';
import { table } from '../table.ts';

const HOSTS = 10;
const COMMANDS = 10;

/** Commands on ten sshd of this machine, by our adapter in this process and by OpenSSH with one shared connection for each host. Returns the table. */
export async function hosts(bench: Bench): Promise<string> {
  bench.say('hosts cell: 10 sshd');
  const sites = await Promise.all(Array.from({ length: HOSTS }, () => openSshd()));
  try {
    const places = sites.map((site, at) => ({ site, files: filesOf(folder(bench, `host-${at}`), site) }));
    const single: number[] = [];
    const logins: number[] = [];
    const pairs: { ours: number; theirs: number }[] = [];
    for (let pair = 0; pair < bench.pairs; pair += 1) {
      await singly(sites, logins, single);
      const ours = await timed(() => overOurs(sites));
      const theirs = await timed(async () => {
        await Promise.all(places.map(({ site, files }) => overOpenSsh(site, files)));
      });
      pairs.push({ ours, theirs });
    }
    const ratio = median(pairs.map(({ ours, theirs }) => theirs / ours));
    return table(
      ['hosts over SSH', 'ours', 'OpenSSH, ControlMaster'],
      [
        ['login, one after another, ms p50', median(logins).toFixed(0), ''],
        ['`true`, one after another, ms p50', median(single).toFixed(1), ''],
        [
          `${HOSTS} hosts x ${COMMANDS} commands, s median`,
          median(pairs.map(({ ours }) => ours)).toFixed(2),
          `${median(pairs.map(({ theirs }) => theirs)).toFixed(2)} (${ratio.toFixed(1)} times ours)`,
        ],
      ],
    );
  } finally {
    await Promise.all(sites.map(site => site.close()));
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}

function opener(sites: readonly SshdSite[]): OpenHost {
  const keys = new Map(sites.map(site => [`env:${site.inner}`, site.clientKey.private]));
  return openHosts({ world: systemWorld({}), secrets: async name => keys.get(name), agent: undefined });
}

function target(site: SshdSite): HostTarget {
  return { ...site.target, port: site.inner, identity: { key: `env:${site.inner}` } };
}

const TRUE = { argv: ['true'], timeoutMs: 60_000 };

/** One login after another, with one command after another. Milliseconds are added to the lists. */
async function singly(sites: readonly SshdSite[], logins: number[], single: number[]): Promise<void> {
  const openHost = opener(sites);
  for (const site of sites) {
    let began = performance.now();
    const host = await openHost(target(site));
    logins.push(performance.now() - began);
    for (let at = 0; at < COMMANDS; at += 1) {
      began = performance.now();
      await host.run(TRUE);
      single.push(performance.now() - began);
    }
    await host.close();
  }
}

async function overOurs(sites: readonly SshdSite[]): Promise<void> {
  const openHost = opener(sites);
  await Promise.all(
    sites.map(async site => {
      const host = await openHost(target(site));
      for (let at = 0; at < COMMANDS; at += 1) expect((await host.run(TRUE)).code, 0, 'exit code of true');
      await host.close();
    }),
  );
}

interface Files {
  readonly key: string;
  readonly known: string;
  readonly socket: string;
}

function filesOf(place: string, site: SshdSite): Files {
  const files = { key: join(place, 'key'), known: join(place, 'known'), socket: join(place, 's') };
  writeFileSync(files.key, site.clientKey.private, { mode: 0o600 });
  writeFileSync(files.known, `[127.0.0.1]:${site.inner} ${site.hostKey.public}\n`);
  return files;
}

async function overOpenSsh(site: SshdSite, { key, known, socket }: Files): Promise<void> {
  const options = [`UserKnownHostsFile=${known}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes', 'ControlMaster=auto'];
  const shared = [`ControlPath=${socket}`, 'ControlPersist=10'];
  const where = [
    '-F',
    'none',
    '-i',
    key,
    '-p',
    String(site.inner),
    ...[...options, ...shared].flatMap(one => ['-o', one]),
  ];
  const ssh = async (...words: string[]): Promise<void> => {
    const child = spawn('ssh', [...where, ...words], { stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code, 0, 'exit code of ssh');
  };
  for (let at = 0; at < COMMANDS; at += 1) await ssh('root@127.0.0.1', 'true');
  await ssh('-O', 'exit', 'root@127.0.0.1');
}
