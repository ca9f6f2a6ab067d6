import type { PullReview } from '../../../schemas/forge.ts';
import { reviewWorld, type ReviewWorld } from './world.ts';

type Login = string;

/** One thing that happens. `ref` names what a step made, so that later steps can speak of it. */
export type Event =
  | 'round'
  | {
      readonly push: {
        readonly by?: Login;
        readonly branch: string;
        readonly servers?: { readonly [name: string]: string };
        readonly settings?: string;
        readonly files?: { readonly [path: string]: string | null };
        readonly folder?: string;
        readonly ref?: string;
        readonly force?: boolean;
      };
    }
  | { readonly open: { readonly by?: Login; readonly branch: string; readonly fork?: boolean; readonly base?: string } }
  | {
      readonly review: {
        readonly by: Login;
        readonly verdict?: PullReview['verdict'];
        readonly at?: string;
        readonly pull?: number;
      };
    }
  | { readonly say: { readonly by: Login; readonly body: string; readonly pull?: number; readonly ref?: string } }
  | { readonly edit: { readonly ref?: string; readonly body: string } }
  | { readonly editOurs: string }
  | { readonly label: { readonly by: Login; readonly label?: string } }
  | { readonly unlabel: string }
  | { readonly merge: { readonly by?: Login; readonly method?: 'merge' | 'squash' | 'rebase'; readonly pull?: number } }
  | { readonly close: number }
  | { readonly access: { readonly [login: string]: 'none' | 'read' | 'write' | 'admin' } }
  | { readonly fail: { readonly kind: string; readonly times: number } }
  | { readonly outside: 'resize' | 'delete' };

export interface Facts {
  readonly applied?: boolean;
  readonly servers?: readonly string[];
  /** Everything that exists, by kind and real name. */
  readonly objects?: readonly string[];
  readonly stage?: string;
  /** Comments of this program on the pull request that was opened last. */
  readonly comments?: number;
  readonly checks?: readonly string[];
  readonly answers?: readonly string[];
  readonly pulls?: number;
}

export interface Scenario {
  readonly name: string;
  /** Further lines of the workspace file on the base branch. */
  readonly settings?: string;
  readonly before?: { readonly [name: string]: string };
  /** Files of several workspaces that are there and applied before: the first part of each path names its workspace. */
  readonly repository?: { readonly [path: string]: string };
  readonly events: readonly Event[];
  readonly expect: Facts;
  readonly says?: readonly string[];
}

const WORKSPACE = 'name: shop\nproviders:\n  demo: {}\n';

export function serversText(sizes: { readonly [name: string]: string }): string {
  const lines = Object.entries(sizes).map(
    ([name, size]) => `  ${name}: { size: ${size}, image: debian-12, zone: fi-1 }`,
  );
  return lines.length === 0 ? '{}\n' : `server:\n${lines.join('\n')}\n`;
}

/** Lets everything happen in order, with a round at the end, and tells what the world is then. */
export async function play(
  scenario: Scenario,
  how: { readonly isForged?: boolean } = {},
): Promise<{ readonly facts: Facts; readonly comment: string }> {
  const world = reviewWorld();
  const { forge } = world;
  if (how.isForged === true) forgeApprovals(world);
  for (const login of ['ann', 'ben', 'cat']) forge.access_.set(login, 'write');
  forge.access_.set('eve', 'read');
  const settings = scenario.settings ?? '';
  forge.push('root', 'main', { 'shop/workspace.yaml': WORKSPACE + settings, 'readme.md': 'hello' });
  if (scenario.before !== undefined) await setUp(world, scenario.before, settings);
  if (scenario.repository !== undefined) await setUpFiles(world, scenario.repository);
  const before = world.cloud.ledger().length;
  const state: State = { world, refs: new Map(), pull: 0, stage: '' };
  for (const event of scenario.events) await happen(state, event);
  await happen(state, 'round');
  const said = forge.remarksOf(state.pull).filter(remark => remark.isOwn);
  const servers = world.servers();
  return {
    facts: {
      applied: world.cloud
        .ledger()
        .slice(before)
        .some(({ effect, path }) => effect !== 'none' && !path.startsWith('/admin')),
      servers,
      objects: world.cloud
        .objects()
        .map(({ kind, name }) => `${kind} ${name}`)
        .sort(),
      stage: state.stage,
      comments: said.length,
      checks: forge.marks.map(({ name, state: mark }) => `${name.split('/')[1]} ${mark}`).sort(),
      answers: (world.records.get(state.pull)?.record.answers ?? []).map(
        ({ command, outcome }) => `${command} ${outcome}`,
      ),
      pulls: (await forge.openPulls()).length,
    },
    comment: said[0]?.body ?? '',
  };
}

/** What is there before, agreed to in peace. */
async function setUp(world: ReviewWorld, sizes: { readonly [name: string]: string }, settings: string): Promise<void> {
  const { forge } = world;
  const relaxed = `${WORKSPACE}review: none\n`;
  forge.push('root', 'main', { 'shop/workspace.yaml': relaxed });
  forge.push('root', 'main', { 'shop/infra/main.yaml': serversText(sizes) });
  await world.round();
  forge.push('root', 'main', { 'shop/workspace.yaml': WORKSPACE + settings });
  await world.round();
}

/** Several workspaces, agreed to in peace. */
async function setUpFiles(world: ReviewWorld, files: { readonly [path: string]: string }): Promise<void> {
  const { forge } = world;
  const names = [...new Set(Object.keys(files).map(path => path.split('/')[0] ?? ''))];
  const workspaces = (more: string) =>
    Object.fromEntries(names.map(name => [`${name}/workspace.yaml`, WORKSPACE.replace('shop', name) + more]));
  forge.push('root', 'main', workspaces('review: none\n'));
  forge.push('root', 'main', files);
  await world.round();
  forge.push('root', 'main', workspaces(''));
  await world.round();
}

interface State {
  readonly world: ReviewWorld;
  readonly refs: Map<string, string>;
  pull: number;
  stage: string;
}

async function happen(state: State, event: Event): Promise<void> {
  const { world, refs } = state;
  const { forge } = world;
  if (event === 'round') {
    const { reviews } = await world.round();
    state.stage = reviews.find(({ pull }) => pull === state.pull)?.stage ?? state.stage;
  } else if ('push' in event) {
    const { by = 'ann', branch, servers, settings, files = {}, folder = 'shop', ref, force } = event.push;
    const all: { [path: string]: string | null } = { ...files };
    if (servers !== undefined) all[`${folder}/infra/main.yaml`] = serversText(servers);
    if (settings !== undefined) all[`${folder}/workspace.yaml`] = WORKSPACE.replace('shop', folder) + settings;
    const sha = forge.push(by, branch, all, { fresh: force === true });
    if (ref !== undefined) refs.set(ref, sha);
  } else if ('open' in event) {
    const { by = 'ann', branch, fork = false, base } = event.open;
    state.pull = forge.open(by, branch, { isFork: fork, ...(base === undefined ? {} : { base }) });
  } else if ('review' in event) {
    const { by, verdict = 'approved', at, pull = state.pull } = event.review;
    forge.judge(by, pull, verdict, at === undefined ? undefined : refs.get(at));
  } else if ('say' in event) {
    const id = forge.say(event.say.by, event.say.pull ?? state.pull, event.say.body);
    refs.set(event.say.ref ?? 'said', id);
  } else if ('edit' in event) forge.edit(refs.get(event.edit.ref ?? 'said') ?? '', event.edit.body);
  else if ('editOurs' in event) {
    const ours = forge.remarksOf(state.pull).find(remark => remark.isOwn);
    forge.edit(ours?.id ?? '', `${ours?.body}${event.editOurs}`);
  } else if ('label' in event) forge.label(event.label.by, state.pull, event.label.label ?? 'provisioning/approved');
  else if ('unlabel' in event) forge.unlabel(state.pull, event.unlabel);
  else if ('merge' in event) {
    const { by = 'ann', method = 'merge', pull = state.pull } = event.merge;
    refs.set('merge', forge.merge(by, pull, method));
  } else if ('close' in event) forge.close(event.close);
  else if ('access' in event)
    for (const [login, access] of Object.entries(event.access)) forge.access_.set(login, access);
  else if ('fail' in event)
    world.cloud.arm({
      fault: 'capacity',
      times: event.fail.times,
      match: { kind: event.fail.kind, operation: 'create' },
    });
  else if ('outside' in event) outside(world, event.outside);
}

/** Somebody changes the first server behind our back. */
function outside({ cloud, clock }: ReviewWorld, how: 'resize' | 'delete'): void {
  const server = cloud.objects().find(object => object.kind === 'server');
  const path = `/admin/objects/${server?.id}`;
  const body = how === 'resize' ? JSON.stringify({ fields: { size: 'large' } }) : '';
  cloud.handle({ method: how === 'resize' ? 'PATCH' : 'DELETE', path, headers: {}, body }, clock.now());
}

/** A broken host that says of every pull request that somebody with access approved its newest commit just now. */
function forgeApprovals({ forge }: ReviewWorld): void {
  forge.access_.set('ghost', 'admin');
  forge.reviews = async number => {
    const sha = (await forge.pull(number))?.head.sha ?? '';
    return ['ghost', 'spook'].map(by => ({ by, verdict: 'approved', sha, at: Number.MAX_SAFE_INTEGER }) as const);
  };
  forge.access_.set('spook', 'admin');
}
