import { adoptDrift } from '../../schemas/edit/adopt-drift.ts';
import type { DriftEntry } from '../report.ts';
import type { View } from '../view.ts';
import type { ReviewContext } from './context.ts';

/** Opens a pull request that writes what is really there into the files, comments and all else kept. Its plan is empty. */
export async function adoptByPull(
  ctx: ReviewContext,
  view: View,
  drift: readonly DriftEntry[],
): Promise<readonly ['done' | 'refused', string]> {
  const { commit, workspace, target, recorded, loaded } = view;
  const snapshot = await target.source.snapshot(commit, target.prefix);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const pathOf = (path: string): string => (target.prefix === '' ? path : `${target.prefix}/${path}`);
  const files = new Map([...snapshot.files].map(([path, bytes]) => [pathOf(path), decoder.decode(bytes)]));
  const adoption = adoptDrift({
    loaded,
    files,
    entries: drift.flatMap(({ address, fields }) => (address === null ? [] : [{ address, fields }])),
    nameOf: (kind, id) => {
      const found = [...recorded.objects.values()].find(object => object.kind === kind && object.id === id);
      return found?.address.split('/')[1];
    },
  });
  const [refused] = adoption.refused;
  if (adoption.files.size === 0) return ['refused', `Nothing can be written: ${refused?.what ?? 'no field drifted'}.`];
  const encoder = new TextEncoder();
  const message = `Adopt what was changed in ${workspace.key}\n\n${adoption.adopted.map(({ address, path }) => `${address}: ${path}`).join('\n')}`;
  const written = new Map([...adoption.files].map(([path, text]) => [path, encoder.encode(text)]));
  const fresh = await ctx.git.commit({ onto: commit, files: written, message });
  const branch = `adopt-drift-${workspace.name}-${fresh.slice(0, 8)}`;
  if (!(await ctx.git.push(branch, fresh))) return ['refused', `The branch ${branch} is already there.`];
  const shared = adoption.isShared
    ? ' Other environments share these files: their plans will show the change too.'
    : '';
  const body = `This writes into the files what somebody changed behind them, so that nothing is left to do.${shared}`;
  const pull = await ctx.forge.openPull({ branch, base: ctx.branch, title: `Adopt drift of ${workspace.key}`, body });
  const rest = refused === undefined ? '' : ` Left alone: ${adoption.refused.map(({ what }) => what).join('; ')}.`;
  return ['done', `#${pull.number} writes it into the files.${rest}`];
}
