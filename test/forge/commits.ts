import type { Sha } from '../../schemas/name.ts';
import { tryGit } from './git.ts';
import { type Hub } from './hub.ts';
import { type PullIssue, pullsOf, type Repository } from './model.ts';
import { type Json, repositoryUrl, userShape } from './shapes.ts';

/** Commits as GitHub shows them, in the order that was asked for. */
export async function commitShapes(hub: Hub, repository: Repository, shas: readonly Sha[]): Promise<readonly Json[]> {
  if (shas.length === 0) return [];
  const format = '--format=%x01%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B';
  const { text } = await tryGit(repository.path, {
    args: ['log', '--no-walk=unsorted', '--stdin', format],
    input: shas.join('\n'),
  });
  return text
    .split('\u0001')
    .slice(1)
    .map(part => commitShape(hub, repository, part.split('\0')));
}

function commitShape(hub: Hub, repository: Repository, fields: readonly string[]): Json {
  const [sha = '', tree = '', parents = '', an = '', ae = '', at = '', cn = '', ce = '', ct = '', body = ''] = fields;
  const api = repositoryUrl(hub, repository);
  const zulu = (time: string): string => new Date(time).toISOString().replace('.000Z', 'Z');
  return {
    sha,
    node_id: `C_${sha}`,
    url: `${api}/commits/${sha}`,
    html_url: `${hub.url}/${repository.fullName}/commit/${sha}`,
    comments_url: `${api}/commits/${sha}/comments`,
    commit: {
      url: `${api}/git/commits/${sha}`,
      author: { name: an, email: ae, date: zulu(at) },
      committer: { name: cn, email: ce, date: zulu(ct) },
      message: body.trimEnd(),
      tree: { sha: tree, url: `${api}/git/trees/${tree}` },
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    author: accountBehind(hub, ae),
    committer: accountBehind(hub, ce),
    parents: parents
      .split(' ')
      .filter(parent => parent !== '')
      .map(parent => ({ sha: parent, url: `${api}/commits/${parent}` })),
  };
}

/** Anybody can write any address into a commit; GitHub shows the account that it belongs to. */
function accountBehind(hub: Hub, email: string): Json | null {
  const login = /^(.+)@users\.noreply\.forge\.test$/.exec(email)?.[1];
  return login !== undefined && hub.accounts.has(login) ? userShape(hub, login) : null;
}

/** Pull requests of a commit: the merged one that brought it in, or else the open and merged ones that hold it. */
export function pullsWith(repository: Repository, sha: Sha): readonly PullIssue[] {
  const pulls = pullsOf(repository);
  const brought = pulls.filter(({ pull }) => pull.merged?.landed.includes(sha) === true);
  if (brought.length > 0) return brought;
  return pulls.filter(({ state, pull }) => (state === 'open' || pull.merged !== null) && pull.commits.includes(sha));
}
