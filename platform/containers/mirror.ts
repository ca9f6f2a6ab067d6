import type { Mirror } from './recipe.ts';

/** The mirror that the machine's own `debian.sources` names; the well-known one when it names none. */
export function mirrorIn(sources: string): Mirror {
  const all = [...sources.matchAll(/^URIs:\s*(\S+)/gm)].map(match => (match[1] as string).replace(/\/+$/, ''));
  const archive = all.find(uri => !uri.endsWith('-security')) ?? 'http://deb.debian.org/debian';
  return { archive, security: all.find(uri => uri.endsWith('-security')) ?? `${archive}-security` };
}
