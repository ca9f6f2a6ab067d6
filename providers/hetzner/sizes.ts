import type { CallContext } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { fault } from './faults.ts';
import { pagesOf } from './pages.ts';
import { type Server, ServerTypesPage } from './replies.ts';

/** Throws when a server certainly cannot get a size, so that it is not stopped in vain. */
export async function admitSize(ctx: CallContext, account: Account, object: Server, size: string): Promise<void> {
  const what = 'update server';
  const [type] = await pagesOf(ctx, account.client, {
    path: `/server_types?name=${encodeURIComponent(size)}`,
    reply: ServerTypesPage,
    items: page => page.server_types,
    idOf: one => one.name,
  });
  if (type === undefined)
    throw fault('invalid-input', 'invalid_server_type', what, { why: `Hetzner Cloud has no size ${size}` });
  const { architecture, disk } = type;
  if (architecture !== undefined && architecture !== (object.server_type.architecture ?? architecture))
    throw fault('invalid-input', 'invalid_server_type', what, { why: `${size} has another kind of processor` });
  if (disk !== undefined && disk < (object.primary_disk_size ?? 0))
    throw fault('invalid-input', 'invalid_server_type', what, {
      why: `the disk of ${size} is smaller than the server's own, and a disk cannot shrink`,
    });
  const here = type.locations?.find(({ name }) => name === object.location.name);
  if (here?.available === false)
    throw fault('capacity', 'resource_unavailable', what, { why: `${size} is sold out in ${object.location.name}` });
}
