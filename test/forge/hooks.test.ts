import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { site } from './site.ts';

const SECRET = 'quiet';

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function listener(): Promise<{ readonly url: string; readonly heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    heard.push({ headers: request.headers, text });
    response.writeHead(202).end();
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard };
}

const named = ({ headers, text }: Heard): string =>
  [headers['x-github-event'], (JSON.parse(text) as { readonly action?: string }).action].filter(Boolean).join(' ');

it('tells of everything that happened, signed', async () => {
  const { forge, repository } = await site();
  const app = forge.app({ slug: 'provisioner', repositories: ['acme/infra'] });
  const { url, heard } = await listener();
  forge.hook({ url, secret: SECRET });
  const sha = await repository.push({ by: 'writer', branch: 'change', files: { a: 'a', 'README.md': null } });
  await repository.openPull({ by: 'writer', branch: 'change' });
  await repository.comment(1, { by: 'reader', body: '/plan' });
  await repository.review(1, { by: 'reviewer', verdict: 'approve' });
  await repository.checkRun({ by: app.login, sha, name: 'plan' });
  await repository.enqueue(1, { by: 'writer' });
  await repository.land(1);
  await forge.settled();
  expect(heard.map(named)).toEqual([
    'ping',
    'push',
    'pull_request opened',
    'issue_comment created',
    'pull_request_review submitted',
    'check_run created',
    'push',
    'pull_request enqueued',
    'merge_group checks_requested',
    'pull_request closed',
    'push',
    'push',
    'merge_group destroyed',
  ]);
  for (const { headers, text } of heard) {
    const signature = `sha256=${createHmac('sha256', SECRET).update(text).digest('hex')}`;
    expect(headers['x-hub-signature-256']).toBe(signature);
  }
  expect(JSON.parse(heard[1]?.text ?? '')).toMatchObject({
    ref: 'refs/heads/change',
    before: '0'.repeat(40),
    after: sha,
    created: true,
    commits: [{ id: sha, added: ['a'], removed: ['README.md'], modified: [] }],
    pusher: { name: 'writer' },
    sender: { login: 'writer' },
    repository: { full_name: 'acme/infra' },
    installation: { id: app.installationId },
  });
  expect(new Set(heard.map(({ headers }) => headers['x-github-delivery'])).size).toBe(heard.length);
});

it('loses, doubles and mixes deliveries, the same way for the same seed', async () => {
  const { forge, repository } = await site();
  const [one, two, other] = [await listener(), await listener(), await listener()];
  const trouble = { secret: SECRET, drop: 0.3, duplicate: 0.3, reorder: 3, delayMs: 3, events: ['issue_comment'] };
  await repository.openIssue({ by: 'reader', title: 'Talk' });
  forge.hook({ url: one.url, ...trouble, seed: 7 });
  forge.hook({ url: two.url, ...trouble, seed: 7 });
  forge.hook({ url: other.url, ...trouble, seed: 8 });
  for (let at = 0; at < 12; at += 1) await repository.comment(1, { by: 'reader', body: String(at) });
  await forge.settled();
  const bodies = ({ heard }: { readonly heard: readonly Heard[] }) =>
    heard.map(
      ({ text }) => (JSON.parse(text) as { readonly comment?: { readonly body: string } }).comment?.body ?? 'ping',
    );
  expect(bodies(one)).toEqual(bodies(two));
  expect(bodies(one)).not.toEqual(bodies(other));
  const sorted = bodies(one).toSorted();
  expect(bodies(one)).not.toEqual(sorted);
  expect(new Set(sorted).size).toBeLessThan(13);
  expect(new Set(sorted).size).toBeLessThan(sorted.length);
});

it('sends by hand what a test wants, in the order it wants', async () => {
  const { forge, repository } = await site();
  const { url, heard } = await listener();
  forge.hook({ url, secret: SECRET, isManual: true, repository: 'acme/infra' });
  await repository.openIssue({ by: 'reader', title: 'Talk' });
  for (const body of ['one', 'two']) await repository.comment(1, { by: 'reader', body });
  await forge.settled();
  expect(heard).toEqual([]);
  const [, first, second] = forge.deliveries();
  for (const { id } of [second, first, first].flatMap(one => one ?? [])) expect(await forge.redeliver(id)).toBe(202);
  expect(heard.map(({ headers }) => headers['x-github-delivery'])).toEqual([second?.id, first?.id, first?.id]);
  expect(first?.answers).toEqual([202, 202]);
});
