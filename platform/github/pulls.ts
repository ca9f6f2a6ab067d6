import { z } from 'zod';
import type { Forge, LabelEvent, Pull, PullReview } from '../../schemas/forge.ts';
import { type Host, statusOf } from './host.ts';
import { ActivityShape, AccessShape, EventShape, PullShape, ReviewShape } from './shapes.ts';

const Repository = z.object({ default_branch: z.string().min(1) });
const Pulls = z.array(PullShape);

/** Oldest first: a page that is full never changes its members for a new one. */
const OLDEST_FIRST = { sort: 'created', direction: 'asc' };

/** The half of the port that asks about pull requests and the people around them. */
export function pullsAt(
  host: Host,
): Pick<
  Forge,
  'defaultBranch' | 'openPulls' | 'pull' | 'pullsOf' | 'reviews' | 'labelEvents' | 'lastPush' | 'access' | 'openPull'
> {
  return {
    async defaultBranch() {
      const about = `repository ${host.owner}/${host.repo}`;
      return (await host.get({ route: 'GET /repos/{owner}/{repo}', about }, Repository)).default_branch;
    },
    async openPulls() {
      const found = await pulls(host, { state: 'open', ...OLDEST_FIRST });
      // One that moved to another page between two answers comes twice.
      return [...new Map(found.map(pull => [pull.number, pull])).values()];
    },
    pull(number) {
      const route = 'GET /repos/{owner}/{repo}/pulls/{number}';
      return host.find({ route, about: `pull request #${number}`, params: { number } }, PullShape);
    },
    pullsOf: commit => pullsOf(host, commit),
    reviews: number => reviews(host, number),
    labelEvents: number => labelEvents(host, number),
    async lastPush(branch) {
      const params = { ref: `refs/heads/${branch}`, per_page: 1 };
      const route = 'GET /repos/{owner}/{repo}/activity';
      const found = await host.find({ route, about: 'activity of branches', params }, z.array(ActivityShape));
      return found?.[0] ?? null;
    },
    async access(login) {
      const route = 'GET /repos/{owner}/{repo}/collaborators/{login}/permission';
      const about = 'permissions of collaborators';
      return (await host.find({ route, about, params: { login } }, AccessShape)) ?? 'none';
    },
    openPull: write => host.write(true, () => openPull(host, write)),
  };
}

function pulls(host: Host, params: { readonly [name: string]: string }): Promise<readonly Pull[]> {
  return host.list({ route: 'GET /repos/{owner}/{repo}/pulls', about: 'pull requests', params }, Pulls);
}

async function openPull(host: Host, write: Parameters<Forge['openPull']>[0]): Promise<Pull> {
  const { branch, base, title, body } = write;
  const find = async () => (await pulls(host, { state: 'open', head: `${host.owner}:${branch}`, base })).at(0);
  const known = await find();
  if (known !== undefined) return known;
  const params = { head: branch, base, title, body };
  const route = 'POST /repos/{owner}/{repo}/pulls';
  try {
    return await host.send({ route, about: 'pull requests', params }, PullShape);
  } catch (error) {
    // Somebody else opened it at the same time, or there is nothing to open one for.
    const other = statusOf(error) === 422 ? await find() : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

async function labelEvents(host: Host, number: number): Promise<readonly LabelEvent[]> {
  const route = 'GET /repos/{owner}/{repo}/issues/{number}/events';
  const about = `pull request #${number}`;
  const events = await host.list({ route, about, params: { number } }, z.array(EventShape));
  return events.flatMap(({ event, actor, created_at, label }) =>
    event === 'labeled' && label != null ? [{ label: label.name, by: actor, at: created_at }] : [],
  );
}

async function pullsOf(host: Host, commit: string): Promise<readonly Pull[]> {
  const route = 'GET /repos/{owner}/{repo}/commits/{commit}/pulls';
  try {
    const found = await host.list({ route, about: `pull requests of ${commit}`, params: { commit } }, Pulls);
    // The host lists a rebased pull request for each of its commits, and open ones that hold the commit.
    return found.filter(pull => pull.state === 'merged' && pull.mergeCommit === commit);
  } catch (error) {
    // A commit that the host does not have became of no pull request.
    if (statusOf(error) === 422) return [];
    throw error;
  }
}

async function reviews(host: Host, number: number): Promise<readonly PullReview[]> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{number}/reviews';
  const about = `pull request #${number}`;
  const told = await host.list({ route, about, params: { number } }, z.array(ReviewShape));
  const given = told.filter(review => review !== null).sort((a, b) => a.at - b.at);
  const newest = new Map<string, PullReview>();
  for (const review of given) {
    const before = newest.get(review.by);
    // A comment takes nothing back.
    if (review.verdict === 'commented' && before !== undefined && before.verdict !== 'commented') continue;
    newest.set(review.by, review);
  }
  return [...newest.values()].sort((a, b) => a.at - b.at);
}
