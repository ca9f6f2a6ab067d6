import type { KindName } from '../../schemas/name.ts';
import { ownerOf } from '../../schemas/owner.ts';
import {
  type CallContext,
  type Connection,
  type CreateRequest,
  type Observed,
  type Outcome,
  ProviderFault,
  type UpdateRequest,
} from '../../schemas/provider.ts';
import type { CourseCloud, CourseKind } from '../course/sight.ts';
import { change, create, remove, resume } from '../course/writes.ts';
import { send } from '../transport/send.ts';
import type { Account } from './account.ts';
import { catalogue } from './catalogue.ts';
import { Settings } from './config.ts';
import { subnet } from './subnet.ts';
import { volume } from './volume.ts';
import { CLOUD, fault } from './faults.ts';
import { rulesOf } from './firewall.ts';
import { type Definition, kindOf, observedOf } from './kind.ts';
import { network } from './network.ts';
import { forgetLabels } from './notes.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { overlaps } from './ranges.ts';
import { server } from './server.ts';

const DEFINITIONS: readonly Definition[] = [network, subnet, server, volume];

/** Finds the engine of this machine and opens it. */
export async function connect(ctx: CallContext, given: { readonly [key: string]: unknown }): Promise<Connection> {
  const what = 'reach a container engine';
  const parsed = Settings.safeParse(given);
  if (!parsed.success)
    throw fault('invalid-input', 'invalid_config', what, { why: 'the entry of the provider is not valid' });
  const { key, trouble, profile, machine, url } = parsed.data;
  if (url === undefined || key === undefined) {
    throw fault('unauthenticated', 'no_engine', what, { why: trouble ?? 'there is no container engine' });
  }
  const engine = await engineAt(ctx, url, what);
  return connectionTo({ name: `${engine}.${machine ?? 'machine'}`, url, engine, profile, key, given: new Set() });
}

/** One question that costs nothing: podman says in its headers that it is podman. */
async function engineAt(ctx: CallContext, url: string, what: string): Promise<Account['engine']> {
  const answer = await send(ctx, { cloud: CLOUD, what, method: 'GET', url: `${url}/_ping`, headers: {} });
  if (answer.status !== 200) {
    const why = 'what listens there is no container engine';
    throw fault('unauthenticated', 'no_engine', what, { why });
  }
  return answer.headers.has('libpod-api-version') ? 'podman' : 'docker';
}

function connectionTo(account: Account): Connection {
  const kinds = new Map<KindName, CourseKind>(DEFINITIONS.map(one => [one.kind, kindOf(account, one)]));
  const cloud: CourseCloud = {
    name: CLOUD,
    fault,
    kindFor(kind) {
      const found = kinds.get(kind);
      if (found !== undefined) return found;
      throw fault('unsupported', 'unknown_kind', kind, { why: 'hosts on this machine have no such thing' });
    },
    extraOf: rulesIn,
  };
  const all = async (ctx: CallContext): Promise<readonly Observed[]> => shownIn(account, await piecesOf(ctx, account));
  return {
    account: account.name,
    list: async (ctx, workspace) => (await all(ctx)).filter(({ owner }) => owner?.workspace === workspace),
    scan: all,
    find: async (ctx, request) => {
      const pieces = await piecesOf(ctx, account);
      const mine = pieces.filter(piece => piece.kind === request.kind && isFound(piece, request));
      return shownIn(account, pieces).filter(({ id }) => mine.some(piece => piece.id === id));
    },
    read: async (ctx, { kind, id }) => (await cloud.kindFor(kind).look(ctx, id))?.observed ?? null,
    create: (ctx, request) => create(ctx, cloud, request),
    update: (ctx, request) => change(ctx, cloud, request, 'update'),
    adopt: (ctx, request) => change(ctx, cloud, request, 'adopt'),
    delete: async (ctx, request) => forgotten(ctx, account, await remove(ctx, cloud, request)),
    poll: (ctx, tokens) =>
      Promise.all(tokens.map(async token => forgotten(ctx, account, await resume(ctx, cloud, token)))),
    catalogue: ctx => catalogue(ctx, account),
  };
}

/** The rules that the firewalls of a server come to: a change that is gone on with by another process needs them. */
function rulesIn(request: CreateRequest | UpdateRequest): string | undefined {
  const asks = 'fields' in request && request.fields.includes('firewalls');
  return request.kind === 'server' && asks ? rulesOf(request.spec, request.virtual ?? {}) : undefined;
}

function shownIn(account: Account, all: readonly Piece[]): readonly Observed[] {
  return all.flatMap(piece => {
    const definition = DEFINITIONS.find(({ kind }) => kind === piece.kind);
    return definition === undefined ? [] : [observedOf(definition, { account, piece, all })];
  });
}

/** What this operation made; of networks also whatever has the addresses, because there is room for one. */
function isFound({ labels, network: found }: Piece, { owner, spec }: Pick<CreateRequest, 'owner' | 'spec'>): boolean {
  const other = ownerOf(labels);
  if (other?.opId === owner.opId && other.lineage === owner.lineage) return true;
  const range = found?.IPAM.Config?.[0]?.Subnet;
  return range !== undefined && typeof spec['ipRange'] === 'string' && overlaps(range, spec['ipRange']);
}

/** An object leaves no labels when it is gone. */
async function forgotten<R extends Outcome | ProviderFault>(ctx: CallContext, account: Account, result: R): Promise<R> {
  if (!(result instanceof ProviderFault) && result.status === 'gone') await forgetLabels(ctx, account);
  return result;
}
