import type { Sha } from '../../schemas/name.ts';
import { git, isAncestor } from './git.ts';
import type { Hub } from './hub.ts';
import { NO_SHA, type Repository } from './model.ts';
import type { Json } from './shapes.ts';

/** GitHub lists no more commits of one push. */
const COMMITS = 2_048;

/** What a webhook tells about a push. */
export async function pushShape(
  hub: Hub,
  repository: Repository,
  push: { readonly ref: string; readonly before: Sha; readonly after: Sha; readonly by: string },
): Promise<Json> {
  const { ref, before, after, by } = push;
  const [created, deleted] = [before === NO_SHA, after === NO_SHA];
  const commits = deleted ? [] : await commitShapes(hub, repository, { before, after });
  const forced = !created && !deleted && !(await isAncestor(repository.path, before, after));
  return {
    ref,
    before,
    after,
    created,
    deleted,
    forced,
    base_ref: null,
    compare: `${hub.url}/${repository.fullName}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits,
    head_commit: commits.at(-1) ?? null,
    pusher: { name: by },
  };
}

async function commitShapes(
  hub: Hub,
  repository: Repository,
  { before, after }: { readonly before: Sha; readonly after: Sha },
): Promise<readonly Json[]> {
  const others = before === NO_SHA ? [...repository.branches.values()].filter(sha => sha !== after) : [before];
  const format = '--format=%x01%H%x00%T%x00%aI%x00%an%x00%ae%x00%B%x00';
  const args = ['log', '--reverse', `--max-count=${COMMITS}`, '--name-status', '--no-renames', '-z', format];
  const text = await git(repository.path, ...args, after, ...others.map(sha => `^${sha}`));
  return text
    .split('\u0001')
    .slice(1)
    .map(part => {
      const [id = '', tree = '', timestamp = '', name = '', email = '', message = '', ...rest] = part.split('\0');
      const files = rest.map(field => field.replace(/^\n+/, '')).filter(field => field !== '');
      const of = (letter: string): readonly string[] =>
        files.filter((_, at) => at % 2 === 1 && (files[at - 1] ?? '').startsWith(letter));
      return {
        id,
        tree_id: tree,
        distinct: true,
        message: message.trimEnd(),
        timestamp,
        url: `${hub.url}/${repository.fullName}/commit/${id}`,
        author: { name, email, username: email.split('@')[0] },
        added: of('A'),
        removed: of('D'),
        modified: [...of('M'), ...of('T')],
      };
    });
}
