import { nameOf } from '../../schemas/name.ts';
import { type CallContext, ProviderFault } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Goal } from '../course/goal.ts';
import type { Move } from '../course/sight.ts';
import { assertOffered } from '../transport/fault.ts';
import { HOST_KEY_LABEL, hostKeyFor, hostKeyOf } from '../transport/host-key.ts';
import type { Labels } from '../transport/labels.ts';
import { type Account, imageReference, sizeNamed } from './account.ts';
import { BIRTH, birthOf, firstProcess } from './birth.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { rulesOf } from './firewall.ts';
import { type Definition, type Making, type Place, referred, type Shown } from './kind.ts';
import { MEMO, newLabels, specIn } from './labels.ts';
import { limitsOf, resize } from './limits.ts';
import { shelfOf } from './mount.ts';
import type { Piece } from './pieces.ts';
import { profileOf, volumesOf } from './profiles.ts';
import { freeAddress } from './ranges.ts';
import { Made } from './replies.ts';
import { applyRules } from './rules.ts';
import { REFUSALS } from './refusals.ts';

/** States that a host can stay in. One that was made and never started is still being created. */
const PHASES: { readonly [state: string]: 'ready' | 'failed' } = {
  running: 'ready',
  paused: 'ready',
  exited: 'ready',
  dead: 'failed',
};

/** States in which it takes no orders. */
const BUSY: ReadonlySet<string> = new Set(['restarting', 'removing', 'stopping', 'initialized']);

/** A host: a container whose first process becomes systemd. */
export const server: Definition = {
  kind: 'server',
  show,
  make,
  path: piece => `/containers/${piece.id}?force=1&v=1&timeout=0`,
  next,
  async apply(ctx, place, goal) {
    const { account, piece } = place;
    const rules = goal.fields.includes('firewalls') ? goal.extra : undefined;
    if (typeof rules === 'string') await applyRules(ctx, account, { piece, rules });
    if (goal.fields.includes('size')) await resize(ctx, account, { id: piece.id, size: goal.spec['size'] });
  },
};

function show({ piece, all }: Place): Shown {
  const { labels, container, id } = piece;
  const spec = specIn(labels);
  const state = container?.State ?? 'created';
  const address = addressOf(piece);
  return {
    spec,
    outputs: {
      publicIp: spec['publicIp'] === false ? null : address,
      privateIp: address,
      loginUser: 'root',
      hostKey: hostKeyOf(labels[HOST_KEY_LABEL]) ?? null,
    },
    phase: PHASES[state] ?? 'pending',
    // Somebody stopped it, or the machine was restarted: the next apply starts it.
    ...(state === 'exited' ? { astray: ['it does not run'] } : {}),
    attached: all.some(one => one.kind === 'volume' && specIn(one.labels)['server'] === id),
    isBusy: BUSY.has(state),
  };
}

/** The address it was given; of one that we did not make, what the engine says. */
function addressOf({ labels, container }: Piece): string | null {
  const networks = Object.values(container?.NetworkSettings?.Networks ?? {});
  return labels[MEMO.address] ?? (networks[0]?.IPAddress || null);
}

async function make(ctx: CallContext, account: Account, { request, name, all }: Making): Promise<string> {
  const what = 'create server';
  const { spec, owner } = request;
  assertOffered(REFUSALS.server(spec), what);
  const subnet = referred(all, 'subnet', spec['subnet'], what);
  const inner = specIn(subnet.labels);
  const network = referred(all, 'network', inner['network'], what);
  const address = addressFor(account, all, String(inner['ipRange']));
  const hostKey = hostKeyFor(account.key, owner.opId);
  const host = nameOf(owner.address);
  const memo = { [HOST_KEY_LABEL]: hostKey.label, [MEMO.address]: address };
  const userData = typeof spec['userData'] === 'string' ? spec['userData'] : undefined;
  const virtual = request.virtual ?? {};
  const profile = profileOf(account);
  const birth = birthOf({ hostKey, publicKeys: keysOf(spec, virtual), rules: rulesOf(spec, virtual), userData });
  const body = {
    Image: imageReference(String(spec['image'])),
    Hostname: host,
    Env: [`${BIRTH}=${birth}`],
    Cmd: firstProcess(account.profile),
    StopSignal: 'SIGRTMIN+3',
    Labels: newLabels(request, memo),
    Volumes: volumesOf(account),
    HostConfig: {
      NetworkMode: network.name,
      ...limitsOf(sizeNamed(spec['size'], what)),
      ...profile,
      Binds: [...((profile['Binds'] as readonly string[] | undefined) ?? []), await shelfOf(ctx, account)],
    },
    NetworkingConfig: {
      EndpointsConfig: { [network.name]: { IPAMConfig: { IPv4Address: address }, Aliases: [host] } },
    },
  };
  return created(ctx, account, { path: `/containers/create?name=${name}`, body, labels: memo, image: spec['image'] });
}

interface Creating {
  readonly path: string;
  readonly body: object;
  readonly labels: Labels;
  readonly image: unknown;
}

async function created(ctx: CallContext, { url }: Account, { path, body, image }: Creating): Promise<string> {
  const what = 'create server';
  try {
    const create = { what, method: 'POST', path, body, accepted: 'create.accepted' } as const;
    return (await ask(ctx, url, { ...create, reply: Made })).Id;
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.code !== 'no_image') throw error;
    const why = `image ${String(image)} is not built: run \`provisioning image build ${String(image)}\``;
    throw fault('invalid-input', 'no_image', what, { why });
  }
}

function keysOf(spec: Spec, virtual: { readonly [id: string]: Spec }): readonly string[] {
  const ids = Array.isArray(spec['sshKeys']) ? (spec['sshKeys'] as readonly string[]) : [];
  return ids.map(id => String(virtual[id]?.['publicKey'] ?? ''));
}

/** An address that is free, and counts as taken from now on: others may be made at the same time. */
function addressFor({ given }: Account, all: readonly Piece[], range: string): string {
  const taken = new Set(all.flatMap(piece => (piece.kind === 'server' ? [addressOf(piece)] : [])));
  const address = freeAddress(range, one => taken.has(one) || given.has(one));
  if (address === undefined)
    throw fault('quota', 'range_full', 'create server', { why: `there is no free address in ${range}` });
  given.add(address);
  return address;
}

/** One that does not run is started: after its creation, and after the machine was. */
function next({ account, piece }: Place, goal: Goal): Move {
  const state = piece.container?.State;
  if (!goal.isRunning || state === 'running' || state === 'paused' || state === 'dead') return null;
  return {
    async send(ctx) {
      const path = `/containers/${piece.id}/start`;
      await ask(ctx, account.url, { what: 'start server', method: 'POST', path, reply: null });
      // An engine forgets limits that were changed when a container stops.
      const { size } = specIn(piece.labels);
      if (piece.notes.length > 0) await resize(ctx, account, { id: piece.id, size });
      return [];
    },
  };
}
