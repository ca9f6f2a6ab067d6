import { nameOf } from '../../schemas/name.ts';
import { ownerOf } from '../../schemas/owner.ts';
import type { CallContext } from '../../schemas/provider.ts';
import { ask } from './client.ts';
import type { Definition, Place } from './kind.ts';
import { MEMO, newLabels, specIn } from './labels.ts';
import { type Attachment, attach, detach } from './mount.ts';
import { writeNote } from './notes.ts';
import { Volume } from './replies.ts';

/** A volume is a folder that the engine keeps, mounted in a host. Its size is what was agreed; nothing watches over it. */
export const volume: Definition = {
  kind: 'volume',
  show: ({ piece }) => ({ spec: specIn(piece.labels), outputs: { device: null } }),
  async make(ctx, { url }, { request, name }) {
    const body = { Name: name, Labels: newLabels(request) };
    const create = { method: 'POST', path: '/volumes/create', body, accepted: 'create.accepted' } as const;
    return (await ask(ctx, url, { ...create, what: 'create volume', reply: Volume })).Name;
  },
  next(place) {
    const { account, piece } = place;
    const wanted = wantedIn(place);
    if (wanted === (piece.labels[MEMO.mounted] ?? '')) return null;
    return {
      async send(ctx) {
        await leave(ctx, place);
        const there = attachmentOf(place, wanted);
        if (there !== undefined) await attach(ctx, account, there);
        const labels = { ...piece.labels, [MEMO.mounted]: wanted };
        await writeNote(ctx, account, { piece, labels, what: 'attach volume', accepted: undefined });
        return [];
      },
    };
  },
  path: piece => `/volumes/${piece.id}`,
  part: leave,
};

/** Host and name as one word; empty for a volume that is in none. */
function wantedIn({ piece }: Place): string {
  const { server } = specIn(piece.labels);
  if (typeof server !== 'string') return '';
  return `${server} ${nameOf(ownerOf(piece.labels)?.address ?? '') || piece.name}`;
}

function attachmentOf({ piece, all }: Place, word: string): Attachment | undefined {
  const [id, name = ''] = word.split(' ');
  const server = all.find(one => one.kind === 'server' && one.id === id);
  return server === undefined ? undefined : { volume: piece, server, name };
}

/** Takes it out of the host that it is in. */
async function leave(ctx: CallContext, place: Place): Promise<void> {
  const there = attachmentOf(place, place.piece.labels[MEMO.mounted] ?? '');
  if (there !== undefined) await detach(ctx, place.account, there);
}
