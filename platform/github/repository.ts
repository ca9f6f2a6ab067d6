import { Fault } from '../../schemas/fault.ts';

const SCP_LIKE = /^(?:[^@/:]+@)?[^@/:]+:(?!\/\/)(.*)$/;
const FULL_NAME = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/((?!\.{1,2}$)[A-Za-z0-9._-]{1,100})$/;

/** Owner and name in the address of a repository on GitHub, `acme/infrastructure`. Throws Fault `usage` when the address has none. */
export function repositoryOf(url: string): string {
  const path = pathOf(url)
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '');
  if (FULL_NAME.test(path)) return path;
  // The address is not repeated: somebody may have written a token into it.
  throw new Fault('usage', {
    id: 'GH-ADDRESS',
    what: 'this is not the address of a repository on GitHub',
    fix: 'use https://github.com/owner/name, ssh://git@github.com/owner/name or git@github.com:owner/name',
  });
}

function pathOf(url: string): string {
  if (URL.canParse(url) && url.includes('://')) {
    const { protocol, pathname } = new URL(url);
    return ['https:', 'http:', 'ssh:'].includes(protocol) ? pathname : '';
  }
  return SCP_LIKE.exec(url)?.[1] ?? '';
}

/** `acme/infrastructure` in its two parts. Throws Fault `usage` for anything else. */
export function partsOf(repository: string): { readonly owner: string; readonly repo: string } {
  const [, owner, repo] = FULL_NAME.exec(repository) ?? [];
  if (owner !== undefined && repo !== undefined) return { owner, repo };
  throw new Fault('usage', { id: 'GH-ADDRESS', what: 'a repository on GitHub is named owner/name' });
}
