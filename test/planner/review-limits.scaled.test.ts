import { array, assert, constantFrom, property } from 'fast-check';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { renderCheck, renderCheckPages } from '../../planner/render/check.ts';
import { renderReview } from '../../planner/render/review.ts';
import { utf8Bytes } from '../../planner/render/review/pages.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { ReviewView } from '../../schemas/review.ts';
import { isFull, scaled } from '../scaled.ts';
import { markdownFlaws } from './markdown-check.ts';
import { inputOf } from './fixture.ts';
import { makePlan } from '../../planner/plan.ts';
import { bulkPlan, reviewOf, VIEWS, workspaceOf } from './review-views.ts';
import { genes, wishesOf } from './worlds.ts';

const TEXTS = ['plain', '🚀👩‍👩‍👧‍👦', '漢字仮名', '`````` </details> ``` --> | @everyone #1'];

function bulk(counts: readonly number[], text = 'plain'): ReviewView {
  return reviewOf(counts.map((count, at) => workspaceOf(bulkPlan(count, text), { workspace: `w${at}` })));
}

/** Every change by its address, in the table and in the diff. */
function isWhole(view: ReviewView, body: string, workspace: string): boolean {
  const start = body.indexOf(`<b>${workspace}</b>`);
  const end = body.indexOf('<b>', start + 1);
  const part = start < 0 ? '' : body.slice(start, end < 0 ? undefined : end);
  const plan = view.workspaces.find(one => one.workspace === workspace)?.plan;
  return plan?.changes.every(({ address }) => part.split(address).length > 2) ?? false;
}

describe('the checker can fail', () => {
  test.each([
    ['```diff\n+ a\n', 'a fence is open'],
    ['<details><summary>x</summary>\n', '1 folds are open'],
    ['x </details>\n', 'never opened'],
    ['| a | b |\n|---|---|\n| c |\n', 'a row of 1 cells'],
    ['| a | b |\n|---|---|\n| c | d\n', 'a torn row'],
    ['hello @everyone\n', 'somebody is called'],
    ['<img src=x>\n', 'HTML of somebody else'],
    ['\ud83d\n', 'half a character'],
    ['```\n````\n```\n', 'a fence is open'],
  ])('%j', (text, flaw) => {
    expect(markdownFlaws(text).join('; ')).toContain(flaw);
  });

  test('and passes what is right', () => {
    const text = '````diff\n```\n</details> @team\n````\n\n| `a\\|b` | ``</details>`` |\n|---|---|\n| `@x` | y |\n';
    expect(markdownFlaws(text)).toEqual([]);
  });
});

describe('size', () => {
  test.each([0, 1, 40, 400])('%i changes', count => {
    for (const text of count === 400 && !isFull() ? TEXTS.slice(1, 2) : TEXTS) {
      const view = bulk([count], text);
      const { body, isCut } = renderReview(view);
      expect(body.length).toBeLessThanOrEqual(LIMITS.commentCharacters);
      expect(markdownFlaws(body)).toEqual([]);
      if (count > 0) expect(isCut).toEqual(isWhole(view, body, 'w0') ? [] : ['w0']);
      expect(renderReview(view)).toEqual({ body, isCut });
    }
  });

  test('exactly at the limit it is whole, one below it is not', () => {
    for (const view of [bulk([12, 3, 30], '🚀漢`|'), bulk([60]), ...Object.values(VIEWS)]) {
      const full = renderReview(view, { limit: Number.POSITIVE_INFINITY }).body;
      for (const limit of [full.length, full.length + 1])
        expect(renderReview(view, { limit })).toEqual({ body: full, isCut: [] });
      const { body, isCut } = renderReview(view, { limit: full.length - 1 });
      expect(body.length).toBeLessThanOrEqual(full.length - 1);
      expect(markdownFlaws(body)).toEqual([]);
      expect(body.includes('no basis for an approval')).toBe(isCut.length > 0);
      // Only a graph may be missing without a word: the plan is complete without it.
      if (!body.includes('no basis') && full.includes('mermaid'))
        expect(body.split('mermaid').length).toBeLessThan(full.split('mermaid').length);
      else expect(isCut.length > 0 || view.workspaces.every(({ plan }) => plan?.changes.length === 0)).toBe(true);
    }
  });

  test('any number of workspaces downstream takes one line and one fold', () => {
    const uses = Array.from({ length: 10 }, (_, at) => ({
      by: `server/s-${at}`,
      ref: '${workspace.net.network.main.id}',
      upstream: 'net',
      effect: 'possible' as const,
      text: '漢`</details>|@acme '.repeat(200),
    }));
    const downstream = Array.from({ length: 1_000 }, (_, at) => ({
      workspace: `w-${at}`,
      effect: 'possible' as const,
      uses,
    }));
    const plain = reviewOf([workspaceOf(bulkPlan(3))]);
    const { body, isCut } = renderReview({ ...plain, downstream });
    expect(isCut).toEqual([]);
    expect(markdownFlaws(body)).toEqual([]);
    expect(body).toContain('? **possible** `w-0`, `w-1`, `w-2`, `w-3` and 996 more');
    expect(body).toContain('- and 9,980 more');
    expect(body.length - renderReview(plain).body.length).toBeLessThan(20_000);
  });

  test('at every limit nothing is torn and nothing is lost silently', () => {
    const view = bulk([40, 2, 9], '🚀漢`</details>|');
    const full = renderReview(view).body;
    expect(renderReview(view).isCut).toEqual([]);
    for (let limit = 1; limit < full.length; limit += limit < 2_000 ? scaled(293, 61) : scaled(2_741, 487)) {
      const { body, isCut } = renderReview(view, { limit });
      expect(body.length).toBeLessThanOrEqual(limit);
      expect(markdownFlaws(body)).toEqual([]);
      const whole = view.workspaces.filter(one => isWhole(view, body, one.workspace)).map(one => one.workspace);
      for (const { workspace } of view.workspaces)
        expect(whole.includes(workspace) || isCut.includes(workspace)).toBe(true);
      if (limit > 200 && isCut.length > 0) expect(body).toContain('no basis for an approval');
    }
  });

  test('any plans, at any limit, and at the very edge', () => {
    const edge = constantFrom(-1, 0, 1, -7, -400, -1_200, -3_000);
    const worlds = array(genes, { minLength: 1, maxLength: 4 });
    assert(
      property(worlds, edge, (list, delta) => {
        const plans = list.map(one => makePlan(inputOf({ desired: wishesOf(one) })));
        const view = reviewOf(plans.map((plan, at) => workspaceOf(plan, { workspace: `w${at}` })));
        const full = renderReview(view);
        const limit = full.body.length + delta;
        const { body, isCut } = renderReview(view, { limit });
        expect(body.length).toBeLessThanOrEqual(Math.max(0, limit));
        expect(markdownFlaws(body)).toEqual([]);
        if (delta >= 0) expect(body).toBe(full.body);
        for (const { workspace, plan } of view.workspaces)
          if ((plan?.changes.length ?? 0) > 0) expect(isWhole(view, body, workspace)).toBe(!isCut.includes(workspace));
      }),
      { numRuns: scaled(12, 60), seed: 7 },
    );
  });

  if (isFull())
    test('4,000 changes fill the comment, and it says what is missing', () => {
      const view = bulk([4_000], '👩‍👩‍👧‍👦漢');
      for (const limit of [65_535, 65_536, 65_537]) {
        const { body, isCut } = renderReview(view, { limit });
        expect(isCut).toEqual(['w0']);
        expect(body.length).toBeLessThanOrEqual(limit);
        expect(body.length).toBeGreaterThan(limit - 2_000);
        expect(markdownFlaws(body)).toEqual([]);
        expect(body).toMatch(
          /Left out here: [\d,]+ losses?, [\d,]+ rows of the table, 4,000 changes with their values|Left out here: [\d,]+ rows of the table, 4,000 changes with their values/,
        );
      }
    });

  if (isFull())
    test('60 workspaces share the room fairly', () => {
      const view = bulk([4_000, ...Array.from({ length: 59 }, () => 4)]);
      const { body, isCut } = renderReview(view);
      expect(body.length).toBeLessThanOrEqual(LIMITS.commentCharacters);
      expect(markdownFlaws(body)).toEqual([]);
      for (const { workspace } of view.workspaces)
        expect(body).toMatch(new RegExp(`<b>${workspace}</b>|\`${workspace}\``));
      expect(isCut).toContain('w0');
      expect(body.split('<details').length).toBeGreaterThan(20);
      // The big one does not eat what the small ones need.
      const whole = view.workspaces.filter(one => isWhole(view, body, one.workspace));
      expect(whole.length).toBeGreaterThan(10);
      for (const { workspace } of whole) expect(isCut).not.toContain(workspace);
      expect(isCut.length + whole.length).toBe(60);
    });

  test('long names of workspaces do not break the limit', () => {
    const long = (at: number) => `${'n'.repeat(60)}-${at}@${'e'.repeat(63)}`;
    const views = Array.from({ length: 30 }, (_, at) => workspaceOf(bulkPlan(50), { workspace: long(at) }));
    for (const limit of [3_000, 9_000, 30_000, 65_536]) {
      const { body, isCut } = renderReview(reviewOf(views), { limit });
      expect(body.length).toBeLessThanOrEqual(limit);
      expect(markdownFlaws(body)).toEqual([]);
      expect(isCut.length).toBe(30);
    }
  });

  if (isFull())
    test('60 large workspaces: the heavy ones get a fold, the rest a line', () => {
      const view = bulk(Array.from({ length: 60 }, (_, at) => 40 + at));
      const { body, isCut } = renderReview(view);
      expect(isCut.length).toBe(60);
      expect(body.length).toBeLessThanOrEqual(LIMITS.commentCharacters);
      expect(markdownFlaws(body)).toEqual([]);
      expect(body).toContain('<b>w59</b>');
      expect(body).toContain('- `w0`: ');
      expect(body).toMatch(/\d+ workspaces as one line/);
    });
});

describe('text of others', () => {
  test('is shown as it is, and does nothing', () => {
    const { body } = renderReview(VIEWS['planned-hostile'] as ReviewView, {
      fileUrl: (file, line) => `https://git.example/${file}#L${line}`,
    });
    expect(markdownFlaws(body)).toEqual([]);
    const html = new MarkdownIt({ html: true }).render(body);
    expect(html.match(/<details/g)?.length).toBe(html.match(/<\/details>/g)?.length);
    expect(html).not.toMatch(/<img|<h1/);
    const outside = html.replace(/<(code|pre)[\s\S]*?<\/\1>/g, '').replace(/href="[^"]*"/g, '');
    expect(outside).toContain('everyone');
    expect(outside).not.toMatch(/@\w/);
    expect(outside).not.toMatch(/#\d/);
    expect(outside).not.toContain('://');
  });

  test('nobody else can write the first line', () => {
    for (const view of Object.values(VIEWS)) {
      const [first, second] = renderReview(view).body.split('\n');
      expect(first).toBe('<!-- provisioning:review 7 -->');
      expect(second).toBe(`<!-- provisioning:stage ${view.stage} -->`);
    }
  });
});

describe('checks', () => {
  if (isFull())
    test('summary and text are whole and small enough in bytes', () => {
      for (const view of [...Object.values(VIEWS), bulk([4_000], '👩‍👩‍👧‍👦漢'), bulk([400, 400], '漢'.repeat(40))]) {
        const { title, summary, text } = renderCheck(view);
        expect(title).not.toContain('\n');
        expect(title.length).toBeLessThanOrEqual(140);
        for (const part of [summary, text]) {
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(65_535);
          expect(markdownFlaws(part)).toEqual([]);
        }
      }
    });

  test('pages go on where the comment ended, until everything was said', () => {
    const view = bulk([900, 2], '漢字');
    const fileUrl = (file: string, line: number) => `https://git.example/${'a'.repeat(80)}/${file}#L${line}`;
    const { body, isCut } = renderReview(view, { fileUrl });
    expect(isCut).toContain('w0');
    const pages = renderCheckPages(view, { fileUrl });
    expect(pages.length).toBeGreaterThan(1);
    for (const page of pages) {
      expect(Buffer.byteLength(page)).toBeLessThanOrEqual(65_535);
      expect(markdownFlaws(page)).toEqual([]);
    }
    expect(renderCheck(view, { fileUrl }).text).toBe(pages[0]);
    const lines = [body, ...pages].join('\n').split('\n');
    const rows = lines.filter(line => line.startsWith('| ')).map(line => line.split(' | ')[2]);
    const titles = lines.filter(line => /^[!+-] (?:replace|create) /.test(line)).map(line => line.split(' ')[2]);
    const plans = view.workspaces.flatMap(({ plan }) => plan?.changes ?? []);
    const wanted = plans.filter(({ action }) => action === 'create').map(({ address }) => address);
    expect(titles.sort()).toEqual([...wanted].sort());
    expect(rows.filter(cell => cell?.startsWith('`server/')).sort()).toEqual(wanted.map(name => `\`${name}\``).sort());
  });

  test('bytes are counted as the host counts them', () => {
    for (const text of ['', 'a', 'é', '漢', '🚀', '\u07ff\u0800\uffff', 'a🚀漢é'])
      expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
  });

  test('annotations stand at lines of the repository, the worst first', () => {
    const { annotations, title } = renderCheck(VIEWS['planned-errors'] as ReviewView);
    expect(title).toBe('Cannot be applied: 2 errors, 1 workspace without a plan');
    expect(annotations.map(({ file, line, level, title }) => `${level} ${file}:${line} ${title}`)).toEqual([
      'failure infra/db.yaml:8 PR-PROTECTED: server/db is protected and would be replaced',
      'failure infra/db.yaml:7 PR-UNKNOWN-SIZE: demo has no size named smal',
      'failure infra/web.yaml:12 WS-DUPKEY: the key size is written twice',
      'failure infra/web.yaml:20 WS-REF: server/wbe is not described anywhere',
    ]);
    expect(annotations[2]?.text).toBe(
      'the key size is written twice.\nWhy: the second one would silently win.\nFix: remove one of them.',
    );
  });

  test('one workspace alone', () => {
    const { title, summary, text } = renderCheck(workspaceOf(bulkPlan(4)));
    expect(title).toMatch(/^shop: 2 to replace, 2 to create/);
    expect(summary).toContain('2 to replace');
    expect(text).toContain('! replace server/s-00000');
  });
});
