import { z } from 'zod';
import type { Forge, Issue, Reaction, Remark } from '../../schemas/forge.ts';
import type { Host } from './host.ts';
import { IssueShape, ReactionShape, RemarkShape } from './shapes.ts';

/** The first line of a text that this program wrote, by which it finds the text again. */
const MARKER = /^<!-- provisioning:[^\n]*? -->(?=\r?\n|$)/;

const REACTIONS = { seen: 'eyes', done: 'rocket', refused: 'confused' } as const satisfies {
  readonly [reaction in Reaction]: string;
};
/** Reactions that can be this program's; a person may add others with the same account. */
const OURS: ReadonlySet<string> = new Set(['eyes', 'rocket', 'hooray', 'confused', '-1']);

/** The half of the port that speaks: comments, reactions and issues. */
export function remarksAt(host: Host): Pick<Forge, 'remarks' | 'remark' | 'react' | 'issue' | 'putIssue'> {
  const remarks: Forge['remarks'] = async number => {
    const account = await host.account();
    const route = 'GET /repos/{owner}/{repo}/issues/{number}/comments';
    const told = await host.list({ route, about: `conversation #${number}`, params: { number } }, z.array(RemarkShape));
    return told.map(one => owned(one, account));
  };
  return {
    remarks,
    remark: (number, { id, body }) =>
      host.write(MARKER.test(body), async () => {
        const account = await host.account();
        const edited = id === null ? null : await edit(host, id, body);
        if (edited !== null) return owned(edited, account);
        // This may be the second try after an answer that was lost, or after a crash: what was written is looked for.
        const found = await earlier(remarks, number, body);
        const known = found === null ? null : await edit(host, found, body);
        return owned(known ?? (await create(host, number, body)), account);
      }),
    react: (_number, remark, reaction) => host.write(true, () => react(host, remark, reaction)),
    issue: marker => issue(host, marker),
    putIssue: write => host.write(write.number !== null || MARKER.test(write.body), () => putIssue(host, write)),
  };
}

function owned(remark: Omit<Remark, 'isOwn'>, account: string): Remark {
  return { ...remark, isOwn: remark.by === account };
}

async function earlier(remarks: Forge['remarks'], number: number, body: string): Promise<string | null> {
  const marker = MARKER.exec(body)?.[0];
  if (marker === undefined) return null;
  const found = (await remarks(number)).find(one => one.isOwn && MARKER.exec(one.body)?.[0] === marker);
  return found?.id ?? null;
}

/** Null when somebody deleted the comment. */
function edit(host: Host, id: string, body: string): Promise<Omit<Remark, 'isOwn'> | null> {
  const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{id}';
  return host.find({ route, about: 'comments of this program', params: { id, body } }, RemarkShape);
}

function create(host: Host, number: number, body: string): Promise<Omit<Remark, 'isOwn'>> {
  const route = 'POST /repos/{owner}/{repo}/issues/{number}/comments';
  return host.send({ route, about: `conversation #${number}`, params: { number, body } }, RemarkShape);
}

/** The new reaction comes first, so that there is never a moment without one. A comment that was deleted needs none. */
async function react(host: Host, id: string, reaction: Reaction): Promise<void> {
  const path = '/repos/{owner}/{repo}/issues/comments/{id}/reactions';
  const about = 'reactions to a comment';
  const content = REACTIONS[reaction];
  const written = await host.find({ route: `POST ${path}`, about, params: { id, content } }, ReactionShape);
  if (written === null) return;
  const account = await host.account();
  for (const known of await host.list({ route: `GET ${path}`, about, params: { id } }, z.array(ReactionShape))) {
    if (known.user !== account || known.content === content || !OURS.has(known.content)) continue;
    await host.find({ route: `DELETE ${path}/{reaction}`, about, params: { id, reaction: known.id } }, z.unknown());
  }
}

/** Of several with the same marker the open one, then the newest. */
async function issue(host: Host, marker: string): Promise<Issue | null> {
  const account = await host.account();
  const params = { creator: account, state: 'all', sort: 'created', direction: 'asc' };
  const route = 'GET /repos/{owner}/{repo}/issues';
  const told = await host.list({ route, about: 'issues of this program', params }, z.array(IssueShape));
  // Who wrote it is checked here too: anybody can copy a marker.
  const own = told.filter(one => one.by === account && !one.isPull && one.body.includes(marker));
  const found = own.findLast(({ state }) => state === 'open') ?? own.at(-1);
  return found === undefined ? null : plain(found);
}

async function putIssue(host: Host, write: Parameters<Forge['putIssue']>[0]): Promise<Issue> {
  const { title, body, state } = write;
  const marker = MARKER.exec(body)?.[0];
  const known = write.number ?? (marker === undefined ? undefined : (await issue(host, marker))?.number);
  const number = known ?? (await open(host, { title, body }));
  const route = 'PATCH /repos/{owner}/{repo}/issues/{number}';
  const about = `issue #${number}`;
  return plain(await host.send({ route, about, params: { number, title, body, state } }, IssueShape));
}

async function open(host: Host, params: { readonly title: string; readonly body: string }): Promise<number> {
  const route = 'POST /repos/{owner}/{repo}/issues';
  return (await host.send({ route, about: 'issues', params }, IssueShape)).number;
}

function plain({ number, url, title, body, state, updatedAt }: Issue): Issue {
  return { number, url, title, body, state, updatedAt };
}
