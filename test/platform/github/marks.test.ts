import { describe, expect, it } from 'vitest';
import type { Annotation, Check } from '../../../schemas/forge.ts';
import { SHA, stub } from './stub.ts';

const REPO = '/api/v3/repos/acme/infra';

const CHECK: Check = {
  name: 'provisioning/plan',
  sha: SHA,
  state: 'success',
  title: '2 changes',
  summary: 'S',
  text: 'T',
  annotations: [],
  url: 'https://github.com/acme/infra/pull/7#issuecomment-1',
};

interface Run {
  readonly id: number;
  readonly name: string;
  status: string;
  conclusion: string | null;
  annotations: object[];
}

/** Check runs as the host keeps them: annotations of later updates are added to the earlier ones, at most 50 at a time. */
async function runs(losing: (write: number) => boolean = () => false) {
  const kept: Run[] = [];
  let writes = 0;
  const put = (run: Run, body: { readonly [name: string]: unknown }) => {
    const { annotations = [] } = body['output'] as { annotations?: object[] };
    if (annotations.length > 50) return { status: 422, json: {} };
    run.annotations.push(...annotations);
    if (typeof body['status'] === 'string') {
      run.status = body['status'];
      run.conclusion = (body['conclusion'] as string | undefined) ?? null;
    }
    writes += 1;
    return losing(writes) ? { cut: true } : { json: { id: run.id } };
  };
  const opened = await stub(({ line, body }) => {
    const [path = '', query = ''] = line.split('?');
    const page = Number(new URLSearchParams(query).get('page') ?? 1);
    const slice = (list: readonly unknown[]): readonly unknown[] => list.slice((page - 1) * 100, page * 100);
    if (path === 'GET /api/v3/user') return { json: { login: 'planner[bot]' } };
    if (path === `GET ${REPO}/commits/${SHA}/check-runs`) {
      const name = new URLSearchParams(query).get('check_name');
      const workflow = { id: 1000, name: 'build', status: 'in_progress', conclusion: null, app: { slug: 'planner' } };
      const told = kept.map(run => ({
        ...run,
        app: { slug: 'planner' },
        output: { annotations_count: run.annotations.length },
      }));
      const alien = { id: 999, name: CHECK.name, status: 'completed', conclusion: 'success', app: { slug: 'alien' } };
      return {
        json: {
          total_count: 1,
          check_runs: slice([alien, workflow, ...told].filter(run => name === null || run.name === name)),
        },
      };
    }
    const [, id] = /check-runs\/(\d+)/.exec(path) ?? [];
    const run = kept.find(one => one.id === Number(id));
    if (path.startsWith('GET') && run !== undefined) return { json: slice(run.annotations) };
    if (path.startsWith('PATCH') && run !== undefined) return put(run, body);
    if (path !== `POST ${REPO}/check-runs` || body['head_sha'] !== SHA) return undefined;
    const created = { id: kept.length + 1, name: String(body['name']), status: '', conclusion: null, annotations: [] };
    kept.push(created);
    return put(created, body);
  });
  return { ...opened, kept };
}

function notes(count: number, text = 'is open to the world'): readonly Annotation[] {
  return Array.from({ length: count }, (_, index) => ({
    file: 'main.yaml',
    line: index + 1,
    level: 'warning',
    title: 'Firewall',
    text,
  }));
}

describe('check runs', () => {
  it('changes one run from running to its end and back', async () => {
    const { github, kept } = await runs();
    for (const state of ['running', 'success', 'running', 'failure', 'neutral', 'cancelled'] as const) {
      await github.check({ ...CHECK, state });
      expect(kept).toHaveLength(1);
      expect(await github.checks(SHA)).toMatchObject([{ name: CHECK.name, sha: SHA, state }]);
    }
  });

  it('sends annotations in groups of 50', async () => {
    const { github, kept, asked } = await runs();
    await github.check({ ...CHECK, annotations: notes(120) });
    expect(kept.map(({ annotations }) => annotations.length)).toEqual([120]);
    expect(asked.filter(({ line }) => /^(?:POST|PATCH)/.test(line))).toHaveLength(3);
  });

  it('doubles no annotation when it is written again', async () => {
    const { github, kept } = await runs();
    await github.check({ ...CHECK, annotations: notes(60) });
    await github.check({ ...CHECK, annotations: notes(120) });
    await github.check({ ...CHECK, annotations: notes(120) });
    expect(kept.map(({ annotations }) => annotations.length)).toEqual([120]);
  });

  it('puts a new run in the place of one with annotations that are no longer true', async () => {
    const { github, kept } = await runs();
    await github.check({ ...CHECK, annotations: notes(2), state: 'failure' });
    await github.check({ ...CHECK, annotations: notes(2, 'has no rules') });
    expect(kept.map(({ annotations }) => annotations.length)).toEqual([2, 2]);
    expect(await github.checks(SHA)).toMatchObject([{ name: CHECK.name, sha: SHA, state: 'success' }]);
  });

  it('finds what it wrote when an answer was lost', async () => {
    const { github, kept } = await runs(write => write === 1 || write === 3);
    await github.check({ ...CHECK, annotations: notes(120) });
    expect(kept.map(({ annotations }) => new Set(annotations.map(one => JSON.stringify(one))).size)).toEqual([120]);
    expect(kept[0]?.annotations).toHaveLength(120);
  });

  it('keeps apart the names on one commit', async () => {
    const { github, kept } = await runs();
    await Promise.all(
      ['provisioning/a', 'provisioning/b', 'provisioning/a'].map(name => github.check({ ...CHECK, name })),
    );
    expect(kept.map(({ name }) => name)).toEqual(['provisioning/a', 'provisioning/b']);
  });
});

describe('commit statuses', () => {
  const statuses = async () => {
    const kept: { readonly [name: string]: unknown }[] = [];
    const opened = await stub(({ line, body }) => {
      if (line.startsWith(`GET ${REPO}/commits/${SHA}/statuses`)) return { json: kept };
      if (line !== `POST ${REPO}/statuses/${SHA}`) return undefined;
      kept.unshift({ ...body, creator: { login: 'robot' } });
      return { status: 201, json: kept[0] };
    });
    return { ...opened, kept };
  };

  it.each([
    ['running', 'pending', 'running'],
    ['success', 'success', 'success'],
    ['neutral', 'success', 'success'],
    ['failure', 'failure', 'failure'],
    ['cancelled', 'error', 'cancelled'],
  ] as const)('%s is %s', async (state, sent, read) => {
    const { github, asked } = await statuses();
    await github.check({ ...CHECK, state });
    expect(asked.at(-1)?.body).toEqual({
      state: sent,
      context: CHECK.name,
      description: CHECK.title,
      target_url: CHECK.url,
    });
    expect(await github.checks(SHA)).toMatchObject([{ name: CHECK.name, sha: SHA, state: read }]);
  });

  it('shortens the title to 140 characters, and not in the middle of one', async () => {
    const { github, kept } = await statuses();
    await github.check({ ...CHECK, title: `${'a'.repeat(138)}\u{1F600}\u{1F600}` });
    expect(kept[0]?.['description']).toBe(`${'a'.repeat(138)}…`);
    await github.check({ ...CHECK, title: 'b'.repeat(140) });
    expect(kept[0]?.['description']).toBe('b'.repeat(140));
  });

  it('does not send the same again', async () => {
    const { github, kept } = await statuses();
    await github.check(CHECK);
    await github.check({ ...CHECK, summary: 'other' });
    expect(kept).toHaveLength(1);
    await github.check({ ...CHECK, title: '3 changes' });
    expect(kept).toHaveLength(2);
  });

  it('does not take a status of somebody else for its own', async () => {
    const { github, kept } = await statuses();
    await github.check(CHECK);
    kept.unshift({ ...kept[0], state: 'success', creator: { login: 'mallory' } });
    expect(await github.checks(SHA)).toMatchObject([]);
    await github.check(CHECK);
    expect(await github.checks(SHA)).toHaveLength(1);
    kept.unshift({ context: 'build', state: 'pending', creator: { login: 'robot' } });
    expect(await github.checks(SHA)).toHaveLength(1);
  });
});
