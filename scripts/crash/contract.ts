import { cpSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { JsonObject } from '../../schemas/json.ts';
import { LABEL } from '../../schemas/owner.ts';
import type { CloudObject } from '../../platform/demo-cloud/model.ts';
import type { ProfileName } from '../../platform/demo-cloud/settings.ts';
import { ending, prepare } from './flow.ts';
import { isWrite } from './ledger.ts';
import { BUILD, type Ended, program, run } from './program.ts';
import { each, PROFILES, type Proof } from './proof.ts';
import { type Shape, shapeOf } from './shape.ts';
import { SHAPES } from './shapes.ts';
import { administer, commitFiles, FOLDER, homeOf, openSite, type Site } from './site.ts';
import { openTally, type Tally, violate } from './tally.ts';

/** One thing that a plan pins, and how it changes between plan and apply. */
interface Input {
  readonly name: string;
  /** Words that the refusal must contain: the difference is shown. */
  readonly shows: RegExp;
  /** Exit code; 4 unless this is a control. */
  readonly exit?: number;
  readonly reviewed?: boolean;
  /** What is there before the plan is made, beside the mixed shape. */
  readonly before?: (site: Site) => Promise<void>;
  /** Makes the change; may answer with another program, or another digest to apply. */
  readonly change: (
    site: Site,
    digest: string,
  ) => Promise<{ readonly program?: string; readonly digest?: string } | void>;
}

const INPUTS: readonly Input[] = [
  { name: 'control: nothing changed', shows: /.*/, exit: 0, change: () => Promise.resolve() },
  {
    name: 'commit',
    shows: /commit changed/,
    change: site => commitFiles(site, { 'README.md': 'A word.\n' }, 'Outside').then(nothing),
  },
  {
    name: 'tree',
    shows: /folder changed|size/,
    change: site => edit(site, 'infra/all.yaml', text => text.replace('medium', 'large')),
  },
  {
    name: 'settings',
    shows: /settings/,
    change: site => edit(site, 'workspace.yaml', text => `rollback: none\n${text}`),
  },
  { name: 'recorded state', shows: /record/, change: applyElsewhere },
  {
    name: 'value of another workspace',
    shows: /workspace\.net\.network\.main\.ipRange\} changed: reviewed 10\.70\.0\.0\/16, now 10\.71\.0\.0\/16/,
    before: readNeighbour,
    change: site => applyIn(site, 'net'),
  },
  {
    name: 'object changed outside',
    shows: /object/,
    change: site =>
      tampered(site, 'server.app', id => administer(site, 'PATCH', `objects/${id}`, { fields: { size: 'large' } })),
  },
  {
    name: 'object deleted outside',
    shows: /object/,
    change: site => tampered(site, 'server.app', id => administer(site, 'DELETE', `objects/${id}`)),
  },
  {
    name: 'object recreated outside',
    shows: /object/,
    change: site => tampered(site, 'server.gone-0', (id, object) => recreate(site, id, object)),
  },
  { name: 'tool version', shows: /version/, change: site => Promise.resolve({ program: otherVersion(site) }) },
  { name: 'plan age', shows: /24 hours/, change: (site, digest) => Promise.resolve(age(site, digest)) },
  { name: 'plan of another workspace', shows: /workspace/, change: planElsewhere },
  {
    name: 'kept plan edited by one byte',
    shows: /plan/,
    change: (site, digest) => Promise.resolve(spoil(site, digest)),
  },
  { name: 'unknown digest', shows: /no plan/, change: () => Promise.resolve({ digest: 'f'.repeat(64) }) },
  { name: 'no approval', shows: /not approved/, reviewed: true, change: () => Promise.resolve() },
  { name: 'approved, then another commit', shows: /commit changed/, reviewed: true, change: approveAndCommit },
  { name: 'control: approved', shows: /.*/, reviewed: true, exit: 0, change: approve },
];

/** For each pinned input: plan, change it, apply that plan. It must refuse with exit 4, write nothing, and say what differs. */
export async function contract(proof: Proof): Promise<Tally> {
  const tally = openTally('contract');
  const all = INPUTS.flatMap((input, index) =>
    (proof.quick ? PROFILES.slice(index % 3, (index % 3) + 1) : PROFILES).map(profile => ({ input, profile })),
  );
  const { point } = proof.only;
  const cases = all.filter(
    ({ input, profile }) => (point === null || input.name === point) && (proof.only.profile ?? profile) === profile,
  );
  await each(cases, proof.workers, one => changed(proof, tally, one));
  return tally;
}

async function changed(
  proof: Proof,
  tally: Tally,
  { input, profile }: { input: Input; profile: ProfileName },
): Promise<void> {
  const label = `${input.name} on ${profile}`;
  const again = `npx tsx scripts/crash/main.ts --contract --point '${input.name}' --profile ${profile}`;
  const wanted = input.exit ?? 4;
  const site = await openSite(subject(input.reviewed === true), { profile, keep: proof.keep });
  try {
    await prepare(site);
    await input.before?.(site);
    const { digest, changes } = await planned(site, site.home);
    if (changes === 0) throw new Error('the plan is empty, so it proves nothing');
    const made = (await input.change(site, digest)) ?? {};
    const before = writesOf(site);
    const ended = await command(site, ['apply', '--plan', made.digest ?? digest], made);
    const writes = writesOf(site) - before;
    tally.cases += 1;
    const problems: string[] = [];
    if (ended.code !== wanted) problems.push(`exit ${ended.code}, not ${wanted}`);
    if (wanted === 4 && writes !== 0) problems.push(`${writes} writes`);
    if (wanted === 0 && writes === 0) problems.push('no writes, though nothing had changed');
    if (!input.shows.test(ended.stdout + ended.stderr)) problems.push(`it does not show ${input.shows.source}`);
    if (problems.length === 0) tally.fired += 1;
    else violate(tally, { case: label, what: `${problems.join(', ')}: ${ending(ended)}`, again });
    proof.say(
      `contract ${label}: exit ${ended.code}, ${writes} writes${problems.length === 0 ? '' : ` ✗ ${problems.join(', ')}`}`,
    );
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
  } finally {
    await site.close();
  }
}

/** The mixed shape; its second commit under review where that is asked. */
function subject(reviewed: boolean): Shape {
  const mixed = SHAPES.find(shape => shape.name === 'mixed');
  const [first, second] = mixed?.phases ?? [];
  if (first === undefined || second === undefined) throw new Error('there is no mixed shape');
  return shapeOf({
    name: 'contract',
    phases: [first, reviewed ? { ...second, settings: { review: 'required' } } : second],
  });
}

function writesOf(site: Site): number {
  return site.clouds.reduce((sum, cloud) => sum + cloud.core.ledger().filter(isWrite).length, 0);
}

function command(
  site: Site,
  words: readonly string[],
  options: { readonly program?: string; readonly home?: string; readonly folder?: string } = {},
): Promise<Ended> {
  const { home, folder, ...rest } = options;
  return run({
    ...('program' in rest && rest.program !== undefined ? { program: rest.program } : {}),
    args: [...words, '-C', join(site.clone, folder ?? FOLDER), '--json'],
    home: home ?? site.home,
  });
}

async function planned(site: Site, home: string, folder = FOLDER): Promise<{ digest: string; changes: number }> {
  const ended = await command(site, ['plan'], { home, folder });
  if (ended.code !== 0) throw new Error(`plan: ${ending(ended)}`);
  const { plan } = JSON.parse(ended.stdout) as {
    readonly plan: { readonly digest: string; readonly changes: readonly unknown[] };
  };
  return { digest: plan.digest, changes: plan.changes.length };
}

function nothing(): void {}

async function edit(site: Site, path: string, change: (text: string) => string): Promise<void> {
  const file = join(site.clone, FOLDER, path);
  const text = readFileSync(file, 'utf8');
  if (change(text) === text) throw new Error(`nothing to change in ${path}`);
  await commitFiles(site, { [`${FOLDER}/${path}`]: change(text) }, `Edit ${path}`);
}

/** Somebody else applies the same commit from another machine. */
async function applyElsewhere(site: Site): Promise<void> {
  const ended = await command(site, ['apply', '--auto-approve'], { home: homeOf(site.root, 'elsewhere') });
  if (ended.code !== 0) throw new Error(`apply elsewhere: ${ending(ended)}`);
}

async function tampered(
  site: Site,
  label: string,
  change: (id: string, object: CloudObject) => unknown,
): Promise<void> {
  const object = site.clouds[0]?.core.objects().find(one => one.labels[LABEL.address] === label);
  if (object === undefined) throw new Error(`there is no ${label}`);
  change(object.id, object);
  if (site.profile === 'ec2') await new Promise(resolve => setTimeout(resolve, 400));
}

/** Another object with the same name, labels and fields, and so another id. */
function recreate(site: Site, id: string, object: CloudObject): void {
  const { kind, name, labels, protection, fields } = object;
  administer(site, 'DELETE', `objects/${id}`);
  administer(site, 'POST', 'objects', { kind, name, labels, protection, ...fields });
}

/** The same program, built with another version. */
function otherVersion(site: Site): string {
  const folder = join(site.root, 'other-build', 'dist');
  cpSync(dirname(program()), folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(BUILD, '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  let replaced = 0;
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.js'))) {
    const text = readFileSync(join(folder, path), 'utf8');
    const next = text.replaceAll(`"${manifest.version}"`, '"99.0.0"');
    if (next !== text) replaced += 1;
    writeFileSync(join(folder, path), next);
  }
  if (replaced === 0) throw new Error('the version does not stand in the build');
  writeFileSync(join(folder, '..', 'package.json'), JSON.stringify({ ...manifest, version: '99.0.0', type: 'module' }));
  return join(folder, 'main.js');
}

function keptPlan(site: Site, digest: string): string {
  const folder = join(site.home, 'plans');
  const name = readdirSync(folder).find(one => one.startsWith(digest));
  if (name === undefined) throw new Error('the plan was not kept');
  return join(folder, name);
}

function age(site: Site, digest: string): void {
  const then = new Date(Date.now() - 25 * 3_600_000);
  utimesSync(keptPlan(site, digest), then, then);
}

/** Turns one byte of a reason into another letter: still a plan, but not the one of the digest. */
function spoil(site: Site, digest: string): void {
  const path = keptPlan(site, digest);
  const text = readFileSync(path, 'utf8');
  const at = text.indexOf('"why":"') + '"why":"'.length;
  writeFileSync(path, `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`);
}

/** A second workspace in the same repository, and its plan. */
async function planElsewhere(site: Site): Promise<{ readonly digest: string }> {
  const text = readFileSync(join(site.clone, FOLDER, 'workspace.yaml'), 'utf8').replace('name: shop', 'name: other');
  const infra = stringify({ server: { lone: { size: 'small', image: 'debian-12' } } } satisfies JsonObject);
  await commitFiles(site, { 'other/workspace.yaml': text, 'other/infra/all.yaml': infra }, 'Another workspace');
  return { digest: (await planned(site, site.home, 'other')).digest };
}

/** A network of another workspace whose range the firewall of this one lets in, and a new range that is not applied there yet. */
async function readNeighbour(site: Site): Promise<void> {
  const text = readFileSync(join(site.clone, FOLDER, 'workspace.yaml'), 'utf8').replace('name: shop', 'name: net');
  const network = (ipRange: string) => ({
    'net/infra/all.yaml': stringify({ network: { main: { ipRange } } } satisfies JsonObject),
  });
  await commitFiles(site, { 'net/workspace.yaml': text, ...network('10.70.0.0/16') }, 'A network');
  await applyIn(site, 'net');
  const rule = { direction: 'in', protocol: 'tcp', port: 22, sources: ['${workspace.net.network.main.ipRange}'] };
  const inside = stringify({ firewall: { inside: { rules: [rule] } } } satisfies JsonObject);
  const files = { ...network('10.71.0.0/16'), [`${FOLDER}/infra/inside.yaml`]: inside };
  await commitFiles(site, files, 'Let the network in');
}

async function applyIn(site: Site, folder: string): Promise<void> {
  const ended = await command(site, ['apply', '--auto-approve'], { folder });
  if (ended.code !== 0) throw new Error(`apply ${folder}: ${ending(ended)}`);
}

async function approve(site: Site, digest: string): Promise<void> {
  const ended = await command(site, ['approve', digest]);
  if (ended.code !== 0) throw new Error(`approve: ${ending(ended)}`);
}

async function approveAndCommit(site: Site, digest: string): Promise<void> {
  await approve(site, digest);
  await commitFiles(site, { 'README.md': 'A word.\n' }, 'Outside');
}
