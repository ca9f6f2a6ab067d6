import type { Forge } from '../../schemas/forge.ts';
import type { World } from '../../schemas/world.ts';
import type { GithubCredential } from './credential.ts';
import { openHost } from './host.ts';
import { openLine } from './line.ts';
import { marksAt } from './marks.ts';
import { pullsAt } from './pulls.ts';
import { remarksAt } from './remarks.ts';
import { partsOf } from './repository.ts';
import { signIn } from './sign-in.ts';
import type { Fetch } from './transport.ts';

/** Where the API of github.com is. A server of a company has its own, `https://<host>/api/v3`. */
const GITHUB_API = 'https://api.github.com';

/** What one repository on GitHub offers, and the sign-in for Git itself: a token for `https://`. */
export interface Github extends Forge {
  gitCredential(): Promise<{ readonly username: string; readonly password: string }>;
}

/**
 * Opens one repository on GitHub. Nothing is asked yet. Throws Fault `usage` when the repository, the address of the API or the
 * credential cannot be one. The credential goes to the host of `apiUrl` and nowhere else.
 */
export async function openGithub(options: {
  /** `acme/infrastructure` */
  readonly repository: string;
  readonly apiUrl?: string;
  readonly credential: GithubCredential;
  readonly fetch?: Fetch;
  readonly world: World;
}): Promise<Github> {
  const { repository, apiUrl = GITHUB_API, credential, fetch = globalThis.fetch, world } = options;
  const { owner, repo } = partsOf(repository);
  const { clock } = world;
  const line = await openLine({ apiUrl, fetch, clock });
  const account = await signIn(line, { credential, owner, repo });
  const host = openHost({ line, signIn: account, clock, owner, repo });
  return {
    repository,
    account: host.account,
    ...pullsAt(host),
    ...remarksAt(host),
    ...marksAt(host),
    gitCredential: async () => ({ username: 'x-access-token', password: await account.token() }),
  };
}
