import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { FAILPOINTS, type Failpoint } from '../../schemas/failpoint.ts';
import { LABEL } from '../../schemas/owner.ts';
import { type Fake, FAKES } from './fakes.ts';
import { attempt, ending, fired, recover, reconcile } from './flow.ts';
import { git } from './git.ts';
import type { Verdict } from './oracle.ts';
import { isClean, shownVerdict } from './oracle.ts';
import { each, hashed, type Proof } from './proof.ts';
import { shapeOf } from './shape.ts';
import { commitFiles, FOLDER, homeOf, type Site } from './site.ts';
import { count, openTally, type Tally, violate } from './tally.ts';

const EXAMPLE = join(import.meta.dirname, '../../example-workspace/clouds');

/** What is crashed: the first apply, a change of everything that can change, or the end of it all. */
const PHASES = ['create', 'change', 'destroy'] as const;
type Phase = (typeof PHASES)[number];

/** The three-tier example at a fake of one real cloud. */
interface CloudSite extends Site {
  readonly fake: Fake;
  readonly cloud: string;
}

interface Case {
  readonly cloud: string;
  readonly phase: Phase;
  readonly point: Failpoint;
  readonly nth: number;
}

/**
 * The crash matrix on fakes of the real clouds: the same three-tier workspace on each, killed at every failpoint while it
 * is created, changed and destroyed. What must be there in the end is told by the fake, never by the program.
 */
export async function clouds(proof: Proof): Promise<Tally> {
  const tally = openTally('clouds');
  const names = Object.keys(FAKES).filter(name => proof.only.shape === null || proof.only.shape === name);
  const phases = names.flatMap(cloud => PHASES.map(phase => ({ cloud, phase })));
  const cases: Case[] = [];
  await each(phases, proof.workers, async ({ cloud, phase }) => {
    for (const [point, times] of await probed(proof, tally, cloud, phase)) {
      if (proof.only.point !== null && proof.only.point !== point) continue;
      const counts = proof.only.nth === null ? [1, ...(times > 1 ? [times] : [])] : [proof.only.nth];
      cases.push(...counts.map(nth => ({ cloud, phase, point, nth })));
    }
  });
  const sorted = cases.sort((a, b) => hashed(JSON.stringify(a)) - hashed(JSON.stringify(b)));
  const share = proof.quick ? sorted.slice(0, 24) : sorted;
  const chosen = share.filter((_, index) => index % proof.share.of === proof.share.number - 1);
  proof.say(`clouds: ${chosen.length} of ${cases.length} cases at ${names.join(', ')}`);
  await each(chosen, proof.workers, one => crash(proof, tally, one));
  return tally;
}

async function openCloudSite(cloud: string, phase: Phase): Promise<CloudSite> {
  const root = mkdtempSync(join(tmpdir(), 'crash-cloud-'));
  const [remote, clone] = [join(root, 'remote.git'), join(root, 'clone')];
  await git(root, 'init', '--quiet', '--bare', '--initial-branch=main', remote);
  await git(root, 'clone', '--quiet', remote, clone);
  await git(clone, 'checkout', '--quiet', '-B', 'main');
  const open = FAKES[cloud];
  if (open === undefined) throw new RangeError(`there is no fake of ${cloud}`);
  const fake = await open();
  const flow = phase === 'destroy' ? 'destroy' : 'reconcile';
  return {
    root,
    remote,
    clone,
    home: homeOf(root, 'home'),
    clouds: [],
    profile: 'hetzner',
    shape: shapeOf({ name: cloud, flow, phases: [{ things: [] }] }),
    // A lease of two seconds is lost on a busy machine, and nobody waits for one here: the dead are known to be dead.
    environment: { ...fake.environment, PROVISIONING_LEASE_MS: '9000' },
    words: ['--env', cloud],
    fake,
    cloud,
    async close() {
      await fake.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Commits the example for one cloud alone, at the fake, as it is before or after the change. */
async function commitExample(site: CloudSite, isChanged: boolean): Promise<void> {
  const folder = join(site.clone, FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const part of ['infra', 'config']) cpSync(join(EXAMPLE, part), join(folder, part), { recursive: true });
  for (const name of readdirSync(join(folder, 'config'))) {
    if (!name.startsWith('defaults') && !name.startsWith(`${site.cloud}-`)) rmSync(join(folder, 'config', name));
  }
  const file = parse(readFileSync(join(EXAMPLE, 'workspace.yaml'), 'utf8')) as { [key: string]: unknown };
  const own = (file['providers'] as { readonly [name: string]: object })[site.cloud];
  const entry = { ...own, ...site.fake.entry, url: site.fake.url };
  const workspace = {
    ...file,
    environments: [site.cloud],
    providers: { [site.cloud]: entry },
    review: 'none',
    limits: { deletePercent: 100 },
  };
  writeFileSync(join(folder, 'workspace.yaml'), stringify(workspace));
  if (isChanged) change(site, folder);
  await commitFiles(site, {}, isChanged ? 'Change' : 'Create');
}

/** A bigger size, a third server, a disk that grows, another rule, a label, and an address that moves. */
function change(site: CloudSite, folder: string): void {
  const edit = (path: string, from: RegExp, to: string): void => {
    const file = join(folder, path);
    const text = readFileSync(file, 'utf8');
    if (!from.test(text)) throw new Error(`${path} has no ${from.source}`);
    writeFileSync(file, text.replace(from, to));
  };
  edit('infra/servers.yaml', /count: 2/, 'count: 3');
  edit('infra/servers.yaml', /server: web-1/, 'server: web-2');
  edit('infra/servers.yaml', /tier: database/, 'tier: storage');
  edit('config/defaults.toml', /sizeGib = 20/, 'sizeGib = 40');
  edit('infra/network.yaml', /port: 8080,/, 'port: 8000-8100,');
  // The first size of the file is the one of the servers.
  edit(`config/${site.cloud}-defaults.toml`, /size = "[^"]*"/, `size = "${site.fake.biggerSize}"`);
}

async function prepare(site: CloudSite, phase: Phase): Promise<void> {
  await commitExample(site, false);
  if (phase === 'create') return;
  const ended = await reconcile(site);
  if (ended.code !== 0) throw new Error(`the example cannot be applied at ${site.cloud}: ${ending(ended)}`);
  if (phase === 'change') await commitExample(site, true);
}

/** Addresses that must exist in the end. */
function wanted(phase: Phase, fake: Fake): readonly string[] {
  if (phase === 'destroy') return [];
  const webs = phase === 'change' ? ['web-1', 'web-2', 'web-3'] : ['web-1', 'web-2'];
  const all = [
    'network.main',
    'subnet.front',
    'subnet.back',
    'firewall.web',
    'firewall.database',
    'ssh-key.operator',
    'placement-group.web',
    ...webs.map(name => `server.${name}`),
    'server.db',
    'volume.db-data',
    'load-balancer.web',
    'floating-ip.admin',
  ];
  return all.filter(address => !fake.virtual.includes(address.slice(0, address.indexOf('.'))));
}

/** Compares what the cloud has with what must be there. An object without labels counts by its kind. */
function judge(site: CloudSite, phase: Phase): Verdict {
  const objects = site.fake.truth();
  const expected = wanted(phase, site.fake);
  const addressOf = ({ kind, labels }: (typeof objects)[number]): string =>
    labels[LABEL.address] ?? expected.find(address => address.startsWith(`${kind}.`)) ?? kind;
  const present = objects.map(addressOf);
  const times = (address: string): number => present.filter(one => one === address).length;
  return {
    duplicates: [...new Set(present)].filter(address => times(address) > 1),
    orphans: present.filter(address => !expected.includes(address)),
    lost: expected.filter(address => times(address) === 0),
    wrong: [],
  };
}

function armed(log: string, traps: string): { readonly [name: string]: string } {
  return { PROVISIONING_TEST: '1', PROVISIONING_FAILPOINT: traps, PROVISIONING_FAILPOINT_LOG: log };
}

const COUNTED = 6;

/** The control: the phase without any kill, and which points it passes how often. */
async function probed(
  proof: Proof,
  tally: Tally,
  cloud: string,
  phase: Phase,
): Promise<ReadonlyMap<Failpoint, number>> {
  const label = `control of ${cloud} ${phase}`;
  const again = `npx tsx scripts/crash/main.ts --clouds --shape ${cloud}`;
  const site = await openCloudSite(cloud, phase);
  const passed = new Map<Failpoint, number>();
  try {
    await prepare(site, phase);
    const log = join(site.root, 'passed.log');
    const counts = Array.from({ length: COUNTED }, (_, index) => index + 1);
    const traps = FAILPOINTS.flatMap(point => counts.map(nth => `${point}:${nth}:delay=0`)).join(',');
    const before = site.fake.made();
    const ended = await attempt(site, { env: armed(log, traps) });
    const recovery = await recover(site, { wasApproved: true });
    const verdict = judge(site, phase);
    proof.say(`${label}: ${ending(ended)}, ${site.fake.made() - before} objects made, then ${recovery.passes} passes`);
    if (!recovery.converged || !isClean(verdict)) {
      const story = [ending(ended), ...recovery.story].join(' -> ');
      violate(tally, { case: label, what: `it fails without any crash: ${shownVerdict(verdict)} ${story}`, again });
      return passed;
    }
    for (const line of fired(log)) {
      const [point, nth] = line.split(':') as [Failpoint, string];
      passed.set(point, Math.max(passed.get(point) ?? 0, Number(nth)));
    }
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
  } finally {
    await site.close();
  }
  return passed;
}

async function crash(proof: Proof, tally: Tally, one: Case): Promise<void> {
  const { cloud, phase, point, nth } = one;
  const label = `${cloud} ${phase} ${point}:${nth}`;
  const again = `npx tsx scripts/crash/main.ts --clouds --shape ${cloud} --point ${point} --nth ${nth}`;
  const site = await openCloudSite(cloud, phase);
  try {
    await prepare(site, phase);
    const log = join(site.root, 'killed.log');
    const ended = await attempt(site, { env: armed(log, `${point}:${nth}:kill`), together: hashed(label) % 2 === 0 });
    // How often a cloud is asked about an action depends on the time of day: then an earlier time is taken.
    if (ended.signal !== 'SIGKILL' && nth > 1) return await crash(proof, tally, { ...one, nth: Math.floor(nth / 2) });
    tally.cases += 1;
    if (ended.signal !== 'SIGKILL') {
      violate(tally, { case: label, what: `the kill did not happen: ${ending(ended)}`, again });
      return;
    }
    tally.fired += 1;
    const recovery = await recover(site, { wasApproved: true });
    const verdict = judge(site, phase);
    count(tally, { verdict, recovery, case: label, again });
    const how =
      recovery.converged && isClean(verdict) ? 'ok' : `✗ ${shownVerdict(verdict)} ${recovery.story.join(' -> ')}`;
    proof.say(`clouds ${label}: ${how}, ${recovery.passes} passes, ${(recovery.tookMs / 1_000).toFixed(1)} s`);
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
  } finally {
    await site.close();
  }
}
