import type { Failpoint } from '../../schemas/failpoint.ts';
import { type CallContext, ProviderFault } from '../../schemas/provider.ts';
import type { Labels } from '../transport/labels.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { MEMO } from './labels.ts';
import { type Piece, piecesOf } from './pieces.ts';
import { Volume, Volumes } from './replies.ts';

interface Writing {
  readonly piece: Piece;
  readonly labels: Labels;
  readonly what: string;
  readonly accepted: Failpoint | undefined;
}

/**
 * Gives an object other labels. Those of an engine can never change, so the new ones stand in an entry of their own: a
 * volume that nothing is in. One request writes it; what it replaces goes afterwards.
 */
export async function writeNote(ctx: CallContext, { url }: Account, writing: Writing): Promise<void> {
  const { piece, labels, what, accepted } = writing;
  const turn = (piece.notes.at(-1)?.turn ?? 0) + 1;
  const text = JSON.stringify(labels);
  const body = {
    Name: `provisioning-labels.${piece.id.slice(0, 64)}.${turn}`,
    Labels: { [MEMO.of]: piece.id, [MEMO.turn]: String(turn), [MEMO.labels]: text },
  };
  const request = { what, method: 'POST', path: '/volumes/create', body, accepted, reply: Volume } as const;
  const made = await ask(ctx, url, request);
  // An engine answers with the volume that is there: somebody else was faster.
  if (made.Labels?.[MEMO.labels] !== text) throw fault('conflict', 'labels_changed', what);
}

/**
 * Removes the labels of objects that are gone, whoever removed those. It is only tidied up: what fails here is done with
 * the next deletion.
 */
export async function forgetLabels(ctx: CallContext, account: Account): Promise<void> {
  const { url } = account;
  const what = 'forget labels';
  try {
    // First the labels, then the objects: what is made meanwhile is not among the labels.
    const { Volumes: all } = await ask(ctx, url, { what, method: 'GET', path: '/volumes', reply: Volumes });
    const present = new Set((await piecesOf(ctx, account)).map(({ id }) => id));
    const old = (all ?? []).filter(
      ({ Labels }) => Labels?.[MEMO.of] !== undefined && !present.has(Labels[MEMO.of] ?? ''),
    );
    for (const { Name } of old) {
      await ask(ctx, url, { what, method: 'DELETE', path: `/volumes/${Name}`, reply: null });
    }
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
  }
}
