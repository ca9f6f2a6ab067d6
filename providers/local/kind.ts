import { sameJson } from '../../schemas/json.ts';
import type { KindName } from '../../schemas/name.ts';
import { cloudName, ownerOf } from '../../schemas/owner.ts';
import { type CallContext, type CreateRequest, type Observed, ProviderFault } from '../../schemas/provider.ts';
import type { Goal } from '../course/goal.ts';
import type { CourseKind, Move, Sight } from '../course/sight.ts';
import { type Labels, PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { MEMO, wantedLabels } from './labels.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { writeNote } from './notes.ts';

/** What a kind says of one of its objects. */
export type Shown = Pick<Observed, 'spec' | 'outputs'> &
  Partial<Pick<Observed, 'phase' | 'attached' | 'astray'>> & {
    readonly isBusy?: boolean;
    readonly isRunning?: boolean;
  };

/** What is the same for an object whatever its kind, and what stands around it. */
export interface Place {
  readonly account: Account;
  readonly piece: Piece;
  readonly all: readonly Piece[];
}

/** How an engine has a kind. */
export interface Definition {
  readonly kind: KindName;
  show(place: Place): Shown;
  /** Makes the object; resolves with its id. */
  make(ctx: CallContext, account: Account, making: Making): Promise<string>;
  /** Path that a DELETE goes to. */
  path(piece: Piece): string;
  /** Throws when something still needs it. */
  release?(place: Place): void;
  /** What has to happen before it is deleted. */
  part?(ctx: CallContext, place: Place): Promise<void>;
  /** The next step besides labels. */
  next?(place: Place, goal: Goal): Move;
  /** What has to happen on the object before the record of it is changed. */
  apply?(ctx: CallContext, place: Place, goal: Goal): Promise<void>;
}

/** A creation, with everything that is there already. */
export interface Making {
  readonly request: CreateRequest;
  readonly name: string;
  readonly all: readonly Piece[];
}

/** The name that the engine gets: it holds the operation, so that the same creation cannot make two objects. */
export function engineName({ owner }: Pick<CreateRequest, 'owner'>): string {
  const safe = (text: string): string => text.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
  return `${safe(cloudName(owner))}.${safe(owner.opId.slice(-24))}`;
}

export function kindOf(account: Account, definition: Definition): CourseKind {
  const sightIn = (all: readonly Piece[], id: string): Sight | null => {
    const piece = all.find(one => one.kind === definition.kind && one.id === id);
    return piece === undefined ? null : sightOf(definition, { account, piece, all });
  };
  return {
    pollMs: 300,
    look: async (ctx, id) => sightIn(await piecesOf(ctx, account), id),
    async create(ctx, request) {
      const { kind } = definition;
      const all = await piecesOf(ctx, account);
      const mine = all.find(piece => piece.kind === kind && isSame(piece.labels, request));
      const id = mine?.id ?? (await made(ctx, { account, definition, request, all }));
      // From here on it exists, so that a look that fails must not hide it.
      const seen = await piecesOf(ctx, account).then(found => sightIn(found, id), pendingOn(ProviderFault));
      return { sight: seen ?? unseen(definition, request, id), actions: [] };
    },
  };
}

function pendingOn(expected: typeof ProviderFault): (error: unknown) => null {
  return error => {
    if (error instanceof expected) return null;
    throw error;
  };
}

interface Attempt {
  readonly account: Account;
  readonly definition: Definition;
  readonly request: CreateRequest;
  readonly all: readonly Piece[];
}

/** A name that is taken may be taken by an earlier delivery of this very request. */
async function made(ctx: CallContext, { account, definition, request, all }: Attempt): Promise<string> {
  try {
    return await definition.make(ctx, account, { request, name: engineName(request), all });
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.class !== 'already-exists') throw error;
    const again = await piecesOf(ctx, account).catch(() => []);
    const mine = again.find(piece => piece.kind === request.kind && isSame(piece.labels, request));
    if (mine === undefined) throw error;
    return mine.id;
  }
}

function isSame(labels: Labels, { owner }: CreateRequest): boolean {
  const found = ownerOf(labels);
  return found?.opId === owner.opId && found.workspace === owner.workspace && found.lineage === owner.lineage;
}

/** An object that was made and cannot be looked at just now. */
function unseen({ kind }: Definition, request: CreateRequest, id: string): Sight {
  const { owner, spec, protect } = request;
  const observed: Observed = {
    kind,
    id,
    name: cloudName(owner),
    spec,
    outputs: { id },
    owner,
    phase: 'pending',
    protected: protect,
    createdAt: 0,
    attached: false,
  };
  return { observed, labels: {}, isBusy: true, isRunning: true, toward: () => 'wait', away: () => 'wait' };
}

export function observedOf(definition: Definition, place: Place): Observed {
  const { kind, id, name, labels, createdAt } = place.piece;
  const { isBusy: _busy, isRunning: _running, ...shown } = definition.show(place);
  const owner = ownerOf(labels);
  // What we made is called by its address; what somebody else made keeps its name.
  const isOurs = labels[MEMO.spec] !== undefined && name.includes('.');
  return {
    kind,
    id,
    name: owner !== null && isOurs && owner.address !== '' ? cloudName(owner) : name,
    phase: 'ready',
    attached: false,
    ...shown,
    spec: { ...shown.spec, labels: theirs(labels) },
    outputs: { id, ...shown.outputs },
    owner,
    protected: labels[PROTECTED_LABEL] === 'true',
    createdAt,
  };
}

/** Labels of people: a container also carries those of its image. */
function theirs(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(withoutOwner(labels)).filter(([key]) => !key.startsWith('provisioning.')));
}

function sightOf(definition: Definition, place: Place): Sight {
  const { account, piece } = place;
  const { kind } = definition;
  const shown = definition.show(place);
  return {
    observed: observedOf(definition, place),
    labels: piece.labels,
    isBusy: shown.isBusy ?? false,
    isRunning: shown.isRunning ?? true,
    toward(_ctx, goal) {
      if (shown.isBusy === true) return 'wait';
      const labels = wantedLabels(piece.labels, goal);
      if (sameJson(labels, piece.labels)) return definition.next?.(place, goal) ?? tidy(place);
      return {
        async send(ctx, accepted) {
          await definition.apply?.(ctx, place, goal);
          await writeNote(ctx, account, { piece, labels, accepted, what: `${goal.verb} ${kind}` });
          return [];
        },
      };
    },
    away() {
      definition.release?.(place);
      const what = `delete ${kind}`;
      return {
        isEnd: true,
        async send(ctx, accepted) {
          const path = definition.path(piece);
          await definition.part?.(ctx, place);
          await ask(ctx, account.url, { what, method: 'DELETE', path, accepted, reply: null });
          return [];
        },
      };
    },
  };
}

/** Labels that newer ones took the place of are removed. */
function tidy({ account, piece }: Place): Move {
  const [old] = piece.notes.slice(0, -1);
  if (old === undefined) return null;
  return {
    async send(ctx) {
      const path = `/volumes/${old.name}`;
      await ask(ctx, account.url, { what: 'forget old labels', method: 'DELETE', path, reply: null });
      return [];
    },
  };
}

/** The object that a reference names. */
export function referred(all: readonly Piece[], kind: KindName, id: unknown, what: string): Piece {
  const found = all.find(piece => piece.kind === kind && piece.id === id);
  if (found !== undefined) return found;
  throw fault('invalid-input', 'reference_not_found', what, { why: `the ${kind} that it refers to does not exist` });
}
