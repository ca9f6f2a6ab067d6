import type { Company, Draft } from './link.ts';
import type { Modes } from './modes.ts';
import type { Scene } from './scene.ts';

/**
 * What is deleted together with the server it is on, so that only the server is. A plan that is restricted says nothing
 * of a server that it does not name, and a server that the record alone keeps is a machine that stays. Where the old half
 * of a replacement must be gone before anything is made, but its server only afterwards, it is removed by itself.
 */
export function companyOf(scene: Scene, drafts: readonly Draft[], { urgent }: Pick<Modes, 'urgent'>): Company {
  const { targets, excludes, destroy } = scene.input.options;
  const isAll = destroy && targets.length === 0 && excludes.length === 0;
  const servers = new Map<string, { readonly record: string; readonly change: string }>();
  for (const { change, deletes } of drafts) {
    if (deletes?.kind !== 'server' || excludes.includes(deletes.address)) continue;
    if (targets.length > 0 && !targets.includes(deletes.address)) continue;
    if (scene.input.capability(deletes.provider, deletes.kind)?.virtual === true) continue;
    servers.set(`${deletes.provider} ${deletes.id}`, { record: deletes.key, change: change.key });
  }
  const company = new Map<string, string>();
  for (const { deletes } of drafts) {
    if (deletes === undefined) continue;
    const { provider, kind, key, spec } = deletes;
    const goes = scene.input.capability(provider, kind)?.goesWithServer;
    const server = servers.get(`${provider} ${String(spec['server'])}`);
    if (server === undefined || goes === undefined || (goes === 'unless-others-stay' && !isAll)) continue;
    if (urgent.has(key) && !urgent.has(server.record)) continue;
    company.set(key, server.change);
  }
  return company;
}
