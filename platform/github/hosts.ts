import type { Forge } from '../../schemas/forge.ts';
import type { World } from '../../schemas/world.ts';
import { credentialFrom, hasCredential } from './credential.ts';
import type { Github } from './github.ts';
import { repositoryOf } from './repository.ts';

/** The Git hosts that the environment names: github.com, or a server of a company by `GITHUB_SERVER_URL`. */
export interface Hosts {
  /** The host's side of a repository; null when the address is another host's, or no credential is known. */
  forge(url: string): Promise<Forge | null>;
  /** How Git signs in to an address of the host; null for any other. */
  credential(url: string): Promise<{ readonly username: string; readonly password: string } | null>;
}

/** Finds out what the environment says when it is first needed, so that a program that asks no host loads nothing for it. */
export function openHosts(options: {
  readonly environment: { readonly [name: string]: string | undefined };
  readonly world: World;
}): Hosts {
  const { environment, world } = options;
  const server = new URL(environment['GITHUB_SERVER_URL'] ?? 'https://github.com');
  const isCompany = server.host !== 'github.com';
  const apiUrl = environment['GITHUB_API_URL'] ?? (isCompany ? `${server.origin}/api/v3` : undefined);
  const known = new Map<string, Promise<Github>>();

  const open = (url: string): Promise<Github> | null => {
    if (hostOf(url) !== server.host || !hasCredential(environment)) return null;
    const repository = repositoryOf(url);
    const found = known.get(repository) ?? connect(repository);
    known.set(repository, found);
    // What failed is tried again by the next who asks: a key file may be there by then.
    found.catch(() => known.delete(repository));
    return found;
  };
  const connect = async (repository: string): Promise<Github> => {
    const { openGithub } = await import('./github.ts');
    const credential = await credentialFrom(environment);
    return openGithub({ repository, credential, world, ...(apiUrl === undefined ? {} : { apiUrl }) });
  };
  return {
    forge: async url => open(url),
    async credential(url) {
      const github = /^https?:/.test(url) ? await open(url) : null;
      return github === null ? null : github.gitCredential();
    },
  };
}

/** Host of an address, with the port where it belongs to the name, also of the short form `git@host:owner/name`; null for a path. */
function hostOf(url: string): string | null {
  if (url.includes('://')) {
    if (!URL.canParse(url)) return null;
    const { protocol, host, hostname } = new URL(url);
    // Over SSH the port says nothing about the host, and GitHub listens under a name of its own on the port of HTTPS.
    if (protocol !== 'ssh:') return host;
    return hostname === 'ssh.github.com' ? 'github.com' : hostname;
  }
  return /^(?:[^@/:]+@)?([^@/:]+):(?!\/\/)/.exec(url)?.[1] ?? null;
}
