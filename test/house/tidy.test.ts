import { describe, expect, it } from 'vitest';
import { FAILPOINTS as APPLY_FAILPOINTS, HOST_FAILPOINTS, REVIEW_FAILPOINTS } from '../../schemas/failpoint.ts';
import { exportsOf, functionLines, untidiness, wordsOf } from './tidy.ts';
import { reachedIn } from '../../scripts/generate/reached.ts';
import { allFiles, eachNode, parsed, productSources, read } from '../../scripts/generate/tree.ts';

/** Files of text that a person may read. */
const TEXT = /\.(?:ts|mjs|js|json|md|yaml|yml|toml|run|sh)$|^\.ci\//;

/** A folder of somebody's machine, or a registry other than the public one. */
const MACHINE =
  /(?<![\w./-])\/(?:work|root|Users)\/|(?<![\w./-])\/home\/(?!user\b)[a-z]|registry\.(?!npmjs\.org|terraform\.io)[a-z-]+\.[a-z]+|:4873\b/;

const product = productSources();
const everything = allFiles();

const FAILPOINTS: readonly string[] = [...APPLY_FAILPOINTS, ...REVIEW_FAILPOINTS, ...HOST_FAILPOINTS];

describe('the tree', () => {
  it('is small, well named and finished', () => {
    const sources = [...product, ...everything.filter(path => /^(?:test|scripts)\/.*\.ts$/.test(path)).map(read)];
    const lines = sources.flatMap(untidiness).map(({ path, line, what }) => `${path}:${line}  ${what}`);
    expect(lines).toEqual([]);
  });

  it('is made of small files and functions', () => {
    const files = product.map(source => source.text.split('\n').length - 1).sort((a, b) => a - b);
    const functions: number[] = [];
    for (const source of product) {
      eachNode(parsed(source).program, node => {
        const lines = functionLines(source, node);
        if (lines > 0) functions.push(lines);
      });
    }
    functions.sort((a, b) => a - b);
    const median = files[Math.floor(files.length / 2)] ?? 0;
    const ninth = functions[Math.floor(functions.length * 0.9)] ?? 0;
    console.log(
      `median file ${median} lines of ${files.length} files; nine functions in ten within ${ninth} lines of ${functions.length}`,
    );
    expect(median).toBeLessThanOrEqual(100);
    expect(ninth).toBeLessThanOrEqual(35);
  });

  it('documents what schemas and ports export', () => {
    const bare = product
      .filter(({ path }) => path.startsWith('schemas/') || path.endsWith('/port.ts'))
      .flatMap(source => {
        const exported = exportsOf(source);
        return exported.filter(one => !one.documented && !one.derived).map(one => `${source.path}: ${one.name}`);
      });
    expect(bare).toEqual([]);
  });

  it('names no machine', () => {
    const found = everything
      .filter(path => TEXT.test(path) && !path.startsWith('test/house/'))
      .flatMap(path => {
        const hit = MACHINE.exec(read(path).text);
        return hit === null ? [] : [`${path}: ${hit[0]}`];
      });
    expect(found).toEqual([]);
  });

  it('reaches every failpoint that is listed, and no other', () => {
    const reached = reachedIn(product.filter(({ path }) => path !== 'platform/clock/failpoints.ts'));
    expect(FAILPOINTS.filter(name => !reached.some(({ point }) => point.test(name)))).toEqual([]);
    expect(reached.filter(({ point }) => !FAILPOINTS.some(name => point.test(name))).map(({ text }) => text)).toEqual(
      [],
    );
  });
});

describe('the rules see', () => {
  it.each([
    ['a long file', 'cli/a.ts', '\n'.repeat(401), '1: 401 lines; at most 400'],
    ['a long function', 'cli/a.ts', `function a() {${'\n'.repeat(60)}}`, '1: a function of 61 lines; at most 60'],
    ['a name in capitals', 'cli/PlanView.ts', '', '1: PlanView.ts is not in kebab-case'],
    ['an empty word in a file name', 'cli/plan-helpers.ts', '', '1: the file name holds the word "helper"'],
    [
      'an empty word in an export',
      'cli/a.ts',
      'export const planManager = 1;',
      '1: the export planManager holds the word "manager"',
    ],
    ['a default export', 'cli/a.ts', 'export default 1;', '1: there are no default exports'],
    ['work that was put off', 'cli/a.ts', `// ${'TODO'} later`, '1: a comment that puts work off'],
  ])('%s', (_, path, text, expected) => {
    expect(untidiness({ path, text }).map(({ line, what }) => `${line}: ${what}`)).toEqual([expected]);
  });

  it('an export without a comment', () => {
    const text = '/** One. */\nexport const A = 1;\nexport type B = z.infer<typeof A>;\nexport function c() {}\n';
    expect(
      exportsOf({ path: 'schemas/a.ts', text })
        .filter(one => !one.documented && !one.derived)
        .map(one => one.name),
    ).toEqual(['c']);
  });

  it('failpoints, also when their names are put together or handed on', () => {
    const text =
      "world.reach('push.after'); reach(`${action}.accepted`); world.reach(late ? 'a.b' : 'c.d'); reach(request.point);";
    const other = { path: 'cli/b.ts', text: "send({ point: 'e.f', other: 'g.h' });" };
    const found = reachedIn([{ path: 'cli/a.ts', text }, other]).map(one => one.text);
    expect(found).toEqual(['push\\.after', '[a-z]+\\.accepted', 'a\\.b', 'c\\.d', 'e\\.f']);
  });

  it('words in names', () => {
    expect(wordsOf('openGitState')).toEqual(['open', 'git', 'state']);
    expect(wordsOf('plan-helpers')).toEqual(['plan', 'helpers', 'helper']);
  });
});
