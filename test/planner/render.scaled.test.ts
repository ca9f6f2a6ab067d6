import { describe, expect, test } from 'vitest';
import { makePlan } from '../../planner/plan.ts';
import { renderPlanMarkdown } from '../../planner/render/markdown.ts';
import { renderGraphMermaid, renderPlanMermaid } from '../../planner/render/mermaid.ts';
import { grouped, money, priceText } from '../../planner/render/summary.ts';
import { renderPlanText } from '../../planner/render/text.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { Plan } from '../../schemas/plan.ts';
import { isFull, scaled } from '../scaled.ts';
import { inputOf, type Thing, type Wish } from './fixture.ts';

/** A plan with so many changes, a third of them replacements, whose values carry the given text. */
function planOf(count: number, text = 'plain'): Plan {
  const desired: { [address: string]: Wish } = {};
  const things: { [address: string]: Thing } = {};
  for (let at = 0; at < count; at += 1) {
    const address = `server/s-${String(at).padStart(5, '0')}`;
    const labels = { note: `${text} ${at}` };
    if (at % 3 === 0) things[address] = { spec: { size: 'small', image: 'debian-11', labels } };
    desired[address] = { spec: { size: 'small', image: at % 3 === 1 ? text : 'debian-12', labels } };
  }
  return makePlan(inputOf({ desired, things }));
}

/** Fails when a fence or a fold is left open, or when a value ended one early. */
function balanced(markdown: string): void {
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    const run = /^`{3,}/.exec(line)?.[0];
    if (fence === null) {
      if (run !== undefined) fence = run;
    } else if (line === fence) fence = null;
  }
  expect(fence, 'an open fence').toBe(null);
  const outside = markdown.replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '').replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
  expect(outside.match(/<details>/g)?.length ?? 0).toBe(outside.match(/<\/details>/g)?.length ?? 0);
}

const TEXTS = ['plain', '🚀👩‍👩‍👧‍👦', '漢字', '`````` </details> ```', '|\n| @everyone #1 <!-- -->'];

describe('renderPlanMarkdown', () => {
  test.each([0, 1, 40, 400])('%i changes fit into one comment', count => {
    for (const text of count > 400 ? TEXTS.slice(0, 2) : TEXTS) {
      const plan = planOf(count, text);
      const markdown = renderPlanMarkdown(plan);
      expect(markdown.length).toBeLessThanOrEqual(LIMITS.commentCharacters);
      balanced(markdown);
      expect(markdown).toContain(plan.digest);
      const whole = plan.changes.every(change => markdown.split(change.address).length > 2);
      expect(markdown.includes('no basis for an approval')).toBe(!whole);
    }
  });

  test('at every size around the limit nothing is cut in two and nothing is lost silently', () => {
    const plan = planOf(40, '🚀漢`');
    const full = renderPlanMarkdown(plan);
    expect(full).not.toContain('no basis for an approval');
    for (const limit of [65_535, 65_536, 65_537]) expect(renderPlanMarkdown(plan, { limit })).toBe(full);
    const sizes = [1, 100, 700, ...Array.from({ length: 60 }, (_, at) => full.length - 900 + at * 17)];
    for (const limit of sizes) {
      const markdown = renderPlanMarkdown(plan, { limit });
      expect(markdown.length).toBeLessThanOrEqual(limit);
      expect(markdown).not.toMatch(/\p{Surrogate}/u);
      if (limit < 700) continue;
      balanced(markdown);
      if (markdown !== full) expect(markdown).toContain('no basis for an approval');
    }
  });

  test('thousands of changes with long emoji values at 65,535 to 65,537', () => {
    const plan = planOf(scaled(1_000, 5_000), '👩‍👩‍👧‍👦🚀'.repeat(3));
    for (const limit of isFull() ? [65_535, 65_536, 65_537] : [65_536]) {
      const markdown = renderPlanMarkdown(plan, { limit });
      expect(markdown.length).toBeLessThanOrEqual(limit);
      expect(markdown.length).toBeGreaterThan(limit - 1_500);
      balanced(markdown);
      expect(markdown).toMatch(
        /too small for the whole plan: [\d,]+ rows of the table, [\d,]+ changes with their values left out/,
      );
    }
  });

  test('too many findings are counted, not cut', () => {
    const desired = Object.fromEntries(
      Array.from({ length: 900 }, (_, at) => [`server/s${at}`, { spec: { size: 'nope', image: 'x' } }]),
    );
    const sizes = [{ name: 'small', kind: 'server', zones: [], stock: null, monthly: 1 }];
    const plan = makePlan(inputOf({ desired, catalogues: { demo: { sizes } } }));
    const markdown = renderPlanMarkdown(plan);
    expect(markdown.length).toBeLessThanOrEqual(LIMITS.commentCharacters);
    expect(markdown).toMatch(/[\d,]+ findings, 900 rows of the table, 900 changes with their values left out/);
    balanced(markdown);
  });

  test('nobody is called, nothing is linked, no table is torn', () => {
    const spec = {
      size: '`|`',
      image: '@everyone #12 https://a.example <b>|www.',
      zone: '@team',
      labels: { a: '$x$ **b** [l](m)' },
    };
    const old = { size: '@team', image: 'i', zone: '@team' };
    const markdown = renderPlanMarkdown(
      makePlan(inputOf({ desired: { 'server/a': { spec } }, things: { 'server/a': { spec: old } }, unavailable: {} })),
    );
    balanced(markdown);
    const outside = markdown
      .replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '')
      .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');
    expect(outside).toContain('everyone');
    expect(outside).not.toMatch(/@[a-z]/);
    expect(outside).not.toMatch(/#\d/);
    expect(outside).not.toContain('://');
    expect(outside).not.toMatch(/<b>/);
    const rows = markdown.split('\n').filter(line => line.startsWith('| '));
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)?.length, row).toBe(6);
  });
});

describe('renderPlanText', () => {
  test('names the approval as the next command where one is asked for', () => {
    const plan = planOf(1);
    const short = plan.digest.slice(0, 12);
    expect(renderPlanText(plan, { colour: false, width: 100 })).toContain(
      `next    provisioning apply --plan ${short}\n`,
    );
    expect(renderPlanText(plan, { colour: false, width: 100, asksFirst: true })).toContain(
      `next    provisioning approve ${short}, because this workspace asks for review\n  then    provisioning apply --plan ${short}\n`,
    );
  });

  test('shows what is done on a server, and the text of a file line by line', () => {
    const wish: Wish = { spec: { version: '7' } };
    const input = inputOf({ desired: { 'taskserv.redis/a': wish } });
    const steps = [
      { title: 'install redis-server', command: ['apt-get', 'install', 'redis-server=5:7'] },
      { title: 'write /etc/redis/redis.conf', file: { before: 'bind *\nport 1\n', after: 'bind 127.0.0.1\nport 1\n' } },
    ];
    const plan = makePlan({ ...input, steps: change => (change.kind === 'taskserv.redis' ? steps : []) });
    const text = renderPlanText(plan, { colour: false, width: 100 });
    expect(text).toContain('install redis-server: apt-get install redis-server=5:7');
    expect(text).toMatch(/write \/etc\/redis\/redis.conf[\s\S]*- bind \*[\s\S]*\+ bind 127\.0\.0\.1/);
    const other = makePlan(input);
    expect(plan.changesDigest).not.toBe(other.changesDigest);
    const markdown = renderPlanMarkdown(plan);
    expect(markdown).toContain('bind 127.0.0.1');
  });

  test('colour adds only colour', () => {
    const plan = planOf(30);
    const plain = renderPlanText(plan, { colour: false, width: 100 });
    const coloured = renderPlanText(plan, { colour: true, width: 100 });
    expect(coloured).not.toBe(plain);
    // oxlint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    // oxlint-disable-next-line no-control-regex
    expect(plain).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test('many new objects take one line each', () => {
    const desired = Object.fromEntries(
      Array.from({ length: 21 }, (_, at) => [
        `network/n${String(at).padStart(2, '0')}`,
        { spec: { ipRange: '10.0.0.0/16' } },
      ]),
    );
    const text = renderPlanText(makePlan(inputOf({ desired })), { colour: false, width: 80 });
    expect(text.split('\n').filter(line => line.startsWith('+ create')).length).toBe(21);
    expect(text).not.toContain('ipRange');
  });

  test('a difference behind the cut is still a difference', () => {
    const long = 'x'.repeat(300);
    const text = renderPlanText(
      makePlan(
        inputOf({
          desired: { 'server/a': { spec: { size: `${long}1`, image: 'i' } } },
          things: { 'server/a': { spec: { size: `${long}2`, image: 'i' } } },
        }),
      ),
      { colour: false, width: 80 },
    );
    expect(text).toMatch(/differs further on, [0-9a-f]{8} -> [0-9a-f]{8}/);
  });
});

describe('mermaid', () => {
  test('a graph, sorted, with its edges', () => {
    const nodes = [
      { address: 'server/b', provider: 'demo', needs: ['network/a', 'gone/x'] },
      { address: 'network/a', provider: 'demo', needs: [] },
    ];
    expect(renderGraphMermaid(nodes)).toBe('flowchart LR\n  n0["network/a"]\n  n1["server/b"]\n  n0 --> n1\n');
    expect(renderGraphMermaid([...nodes].reverse())).toBe(renderGraphMermaid(nodes));
  });

  test('services stand in their servers, and nothing leads from a box to what is in it', () => {
    const node = (address: string, ...needs: readonly string[]) => ({ address, provider: 'demo', needs });
    const nodes = [
      node('server/web'),
      node('taskserv.redis/web', 'server/web'),
      node('taskserv.nginx/web', 'server/web', 'taskserv.redis/web'),
      node('server/next', 'taskserv.nginx/web'),
      node('taskserv.redis/gone'),
    ];
    expect(renderGraphMermaid(nodes)).toBe(`flowchart LR
  n0["server/next"]
  subgraph n1["server/web"]
    n2["taskserv.nginx/web"]
    n4["taskserv.redis/web"]
  end
  n3["taskserv.redis/gone"]
  n2 --> n0
  n4 --> n2
`);
  });

  test('a change of a service stands in its server, whether that changes or not', () => {
    const server = { spec: { size: 'small', image: 'debian-12' } };
    const service = { spec: { memoryMib: 64 }, needs: ['server/web'] };
    const first = makePlan(inputOf({ desired: { 'server/web': server, 'taskserv.redis/web': service }, things: {} }));
    expect(renderPlanMermaid(first)).toContain(`  subgraph c0["+ create server/web"]
    c1["+ create taskserv.redis/web"]:::create
  end
  class c0 create
  classDef create `);
    const later = makePlan(
      inputOf({
        desired: { 'server/web': server, 'taskserv.redis/web': service },
        things: { 'server/web': server },
      }),
    );
    expect(renderPlanMermaid(later)).toContain(`  subgraph s0["server/web"]
    c0["+ create taskserv.redis/web"]:::create
  end
  classDef create `);
  });

  test('text cannot leave its label', () => {
    const text = renderGraphMermaid([{ address: 'server/a"]; click n0 "x', provider: 'demo', needs: [] }]);
    expect(text).toBe('flowchart LR\n  n0["server/a#quot;]; click n0 #quot;x"]\n');
  });

  test('a plan, and how many changes are not drawn', () => {
    const text = renderPlanMermaid(planOf(4));
    expect(text).toContain('c0["+ create anew server/s-00000"]:::create');
    expect(text).toMatch(/c\d --> c\d/);
    expect(text).toContain('classDef delete ');
    expect(renderPlanMermaid(planOf(900))).toContain('more["and 800 more"]');
    expect(renderPlanMermaid(planOf(0))).toBe('flowchart LR\n  none["shop is in sync"]\n');
  });
});

describe('money', () => {
  test.each([
    [0, '0.00'],
    [49, '0.00'],
    [50, '0.01'],
    [10_000, '1.00'],
    [12_345_678, '1,234.57'],
    [-45_000, '-4.50'],
    [123_456_789_012, '12,345,678.90'],
  ])('%i is %s', (amount, text) => {
    expect(money(amount)).toBe(text);
  });

  test('a price names what it leaves out', () => {
    expect(priceText({ currency: 'EUR', before: 100_000, after: 55_000, unknown: ['a/b'] })).toBe(
      'EUR 10.00 -> 5.50 per month (-4.50), without 1 unknown price',
    );
    expect(priceText({ currency: 'EUR', before: 5, after: 5, unknown: [] })).toBe('EUR 0.00 per month, unchanged');
    expect(priceText(null)).toBe(null);
    expect(grouped(1_234_567)).toBe('1,234,567');
  });
});
