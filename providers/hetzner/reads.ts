import { cloudName, LABEL, workspaceLabel } from '../../schemas/owner.ts';
import type { WorkspaceKey } from '../../schemas/name.ts';
import type { CallContext, FindRequest, Observed } from '../../schemas/provider.ts';
import type { HetznerKind } from './kind.ts';
import type { Hetzner } from './kinds.ts';
import { fingerprintOf } from './ssh-key.ts';

/** Everything of ours: the networks come first, because they tell where the subnets are that servers stand in. */
export async function list(ctx: CallContext, hetzner: Hetzner, workspace: WorkspaceKey): Promise<readonly Observed[]> {
  const objects = await everything(ctx, hetzner, `${LABEL.workspace}==${workspaceLabel(workspace)}`);
  // Subnets are found in all networks, also in those of others.
  return objects.filter(object => object.owner?.workspace === workspace);
}

export function scan(ctx: CallContext, hetzner: Hetzner): Promise<readonly Observed[]> {
  return everything(ctx, hetzner, null);
}

async function everything(ctx: CallContext, { kinds }: Hetzner, selector: string | null): Promise<readonly Observed[]> {
  const first = (await kinds.get('subnet')?.list(ctx, selector)) ?? [];
  const others = [...kinds].filter(([kind]) => kind !== 'subnet');
  const rest = await Promise.all(others.map(([, rules]) => rules.list(ctx, selector)));
  return [...first, ...rest.flat()];
}

/** By the name, which only one object of a kind can have. */
export async function find(ctx: CallContext, hetzner: Hetzner, request: FindRequest): Promise<readonly Observed[]> {
  const rules = hetzner.kindFor(request.kind);
  if (request.kind === 'ssh-key') return findKey(ctx, rules, request);
  if (request.kind !== 'subnet') return rules.where(ctx, { name: cloudName(request.owner) });
  const sight = await rules.look(ctx, `${String(request.spec['network'])}-${String(request.spec['ipRange'])}`);
  return sight === null ? [] : [sight.observed];
}

/** A key cannot be there twice either, whatever its name. */
async function findKey(
  ctx: CallContext,
  rules: HetznerKind,
  { owner, spec }: FindRequest,
): Promise<readonly Observed[]> {
  const named = await rules.where(ctx, { name: cloudName(owner) });
  const fingerprint = fingerprintOf(String(spec['publicKey'] ?? ''));
  return named.length > 0 ? named : rules.where(ctx, { fingerprint });
}

export async function read(
  ctx: CallContext,
  hetzner: Hetzner,
  object: { readonly kind: string; readonly id: string },
): Promise<Observed | null> {
  return (await hetzner.kindFor(object.kind).look(ctx, object.id))?.observed ?? null;
}
