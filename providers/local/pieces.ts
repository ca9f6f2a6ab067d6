import type { KindName } from '../../schemas/name.ts';
import type { CallContext } from '../../schemas/provider.ts';
import type { Labels } from '../transport/labels.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { MEMO, objectIn } from './labels.ts';
import { type Container, Containers, type Network, Networks, type Volume, Volumes } from './replies.ts';

/** An object of the engine, with the labels that count now. */
export interface Piece {
  readonly kind: KindName;
  readonly id: string;
  /** What the engine calls it. */
  readonly name: string;
  readonly labels: Labels;
  readonly createdAt: number;
  /** Entries with labels that were written later, oldest first. */
  readonly notes: readonly Note[];
  readonly container?: Container;
  readonly network?: Network;
}

/** An entry with newer labels of an object. */
export interface Note {
  readonly name: string;
  readonly turn: number;
  readonly labels: Labels;
}

/** Everything that the engine has, in three requests; complete, or it throws. */
export async function piecesOf(ctx: CallContext, { url }: Account): Promise<readonly Piece[]> {
  const what = 'list objects';
  const get = { what, method: 'GET' } as const;
  const [containers, networks, { Volumes: found }] = await Promise.all([
    ask(ctx, url, { ...get, path: '/containers/json?all=1', reply: Containers }),
    ask(ctx, url, { ...get, path: '/networks', reply: Networks }),
    ask(ctx, url, { ...get, path: '/volumes', reply: Volumes }),
  ]);
  const volumes = found ?? [];
  const notes = notesIn(volumes);
  const withNotes = (piece: Omit<Piece, 'notes'>): Piece => {
    const own = notes.get(piece.id) ?? [];
    return { ...piece, notes: own, labels: own.at(-1)?.labels ?? piece.labels };
  };
  return [
    ...networks.filter(isOurs).map(networkPiece),
    ...volumes.filter(isObject).map(volumePiece),
    ...containers.map(containerPiece),
  ].map(withNotes);
}

/** Names of networks that every engine has. */
const BUILT_IN: readonly string[] = ['podman', 'bridge', 'host', 'none'];

function isOurs({ Name, Driver }: Network): boolean {
  return Driver === 'bridge' && !BUILT_IN.includes(Name);
}

/** Volumes without a name belong to the container that they came with, and go with it. */
function isObject({ Name, Labels }: Volume): boolean {
  return Labels?.[MEMO.of] === undefined && !/^[0-9a-f]{64}$/.test(Name);
}

function notesIn(volumes: readonly Volume[]): ReadonlyMap<string, readonly Note[]> {
  const notes = new Map<string, Note[]>();
  for (const { Name, Labels } of volumes) {
    const of = Labels?.[MEMO.of];
    if (of === undefined) continue;
    const labels = objectIn(Labels?.[MEMO.labels]) as Labels;
    const note = { name: Name, turn: Number(Labels?.[MEMO.turn]), labels };
    notes.set(
      of,
      [...(notes.get(of) ?? []), note].sort((a, b) => a.turn - b.turn),
    );
  }
  return notes;
}

function networkPiece(network: Network): Omit<Piece, 'notes'> {
  const { Id, Name, Labels, Created } = network;
  return { kind: 'network', id: Id, name: Name, labels: Labels ?? {}, createdAt: Date.parse(Created), network };
}

export function volumePiece({ Name, Labels, CreatedAt }: Volume): Omit<Piece, 'notes'> {
  const kind = Labels?.[MEMO.kind] === 'subnet' ? 'subnet' : 'volume';
  return { kind, id: Name, name: Name, labels: Labels ?? {}, createdAt: Date.parse(CreatedAt ?? '') || 0 };
}

function containerPiece(container: Container): Omit<Piece, 'notes'> {
  const { Id, Names, Labels, Created } = container;
  const name = (Names[0] ?? Id).replace(/^\//, '');
  return { kind: 'server', id: Id, name, labels: Labels ?? {}, createdAt: Created * 1_000, container };
}
