import { describe, expect, test } from 'vitest';
import { demo } from '../../../providers/demo/index.ts';
import { Fault, type Problem } from '../../../schemas/fault.ts';
import { LIMITS } from '../../../schemas/limits.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';
import type { Loaded } from '../../../schemas/workspace.ts';
import { isFull, scaled } from '../../scaled.ts';

const WORKSPACE = 'name: shop\nproviders:\n  demo: {}\n';

function load(files: { readonly [path: string]: string }): Loaded {
  const bytes = new Map(
    Object.entries({ 'workspace.yaml': WORKSPACE, ...files }).map(([path, text]) => [path, Buffer.from(text)]),
  );
  return loadWorkspace({ files: bytes, prefix: '', env: null, drivers: { demo } });
}

/** The problems of a load that must be refused, and the CPU time in ms that this took. */
function refused(files: { readonly [path: string]: string }): {
  readonly problems: readonly Problem[];
  readonly cpuMs: number;
} {
  const start = process.cpuUsage();
  try {
    load(files);
  } catch (error) {
    const used = process.cpuUsage(start);
    if (error instanceof Fault) return { problems: error.problems, cpuMs: (used.user + used.system) / 1_000 };
    throw error;
  }
  throw new Error('it was accepted');
}

function one(files: { readonly [path: string]: string }): Pick<Problem, 'id' | 'what'> & { place: string } {
  const { problems, cpuMs } = refused(files);
  expect(cpuMs).toBeLessThan(LIMITS.parseMs);
  expect(problems).toHaveLength(1);
  const [{ id, what, at }] = problems as [Problem];
  return { id, what, place: at === undefined ? '' : `${at.file}:${at.line}:${at.column}` };
}

const SERVER = 'size: small\n    image: debian-12\n';

describe('input beyond a limit is refused within its time, and says which limit', () => {
  test('W11: aliases that expand to 10 MB', () => {
    const text = `server:\n  a: &a\n    userData: "${'x'.repeat(200_000)}"\n${Array.from({ length: 49 }, (_, index) => `  b${index}: *a\n`).join('')}`;
    expect(one({ 'infra/a.yaml': text })).toEqual({
      id: 'WS-EXPANDED',
      what: 'the file expands beyond 4 MiB through its aliases',
      place: 'infra/a.yaml:4:7',
    });
  });

  if (isFull())
    test('W12: 32,000 keys in one map', () => {
      const text = `server:\n${Array.from({ length: 32_000 }, (_, index) => `  s${index}: {}\n`).join('')}`;
      expect(one({ 'infra/a.yaml': text })).toEqual({
        id: 'WS-KEYS',
        what: 'a map has more than 5,000 keys',
        place: 'infra/a.yaml:2:3',
      });
    });

  test.each([
    ['flow', `server: ${'['.repeat(1_000)}${']'.repeat(1_000)}\n`],
    ['open flow', `server: ${'{a: '.repeat(15_000)}`],
    ['block', Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}k:\n`).join('')],
    ['lists on one line', `${'- '.repeat(1_000)}x\n`],
  ])('W13: YAML nested 1,000 deep, %s', (_, text) => {
    expect(one({ 'infra/a.yaml': text }).id).toBe('WS-DEPTH');
  });

  test.each([
    ['a.toml', `[server.web]\nlabels = ${'['.repeat(1_000)}${']'.repeat(1_000)}\n`],
    ['a.toml', `[server.web]\nlabels = ${'{ a = '.repeat(1_000)}1${' }'.repeat(1_000)}\n`],
    ['a.toml', `server.web.labels.${Array.from({ length: 1_000 }, () => 'k').join('.')} = 1\n`],
    ['a.toml', `[${Array.from({ length: 100_000 }, () => 'k').join('.')}]\n`],
    ['a.json', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['a.json', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('W13: %s nested too deep', (file, text) => {
    expect(one({ [`infra/${file}`]: text }).id).toBe('WS-DEPTH');
  });

  test('W14: a file beyond 1 MiB', () => {
    expect(one({ 'infra/a.yaml': ' '.repeat(LIMITS.fileBytes + 1) })).toEqual({
      id: 'WS-LIMIT',
      what: 'the file has 1048577 bytes; the limit is 1048576',
      place: 'infra/a.yaml:1:1',
    });
  });

  test('W14: 2,001 files', () => {
    const files = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`docs/${index}.md`, 'x']));
    expect(one(files)).toEqual({ id: 'WS-LIMIT', what: 'the workspace has 2001 files; the limit is 2000', place: '' });
  });

  test('W14: 33 MiB in all', () => {
    const files = Object.fromEntries(
      Array.from({ length: 33 }, (_, index) => [`infra/${index}.yaml`, '#'.repeat(LIMITS.fileBytes)]),
    );
    expect(one(files).what).toMatch(/^the workspace has \d+ bytes; the limit is 33554432$/);
  });

  if (isFull())
    test('more resources than the limit', () => {
      const text = `server:\n${Array.from({ length: 2 }, (_, index) => `  s${index}:\n    count: 30000\n    ${SERVER}`).join('')}`;
      expect(one({ 'infra/a.yaml': text })).toEqual({
        id: 'WS-LIMIT',
        what: 'the workspace has more than 50000 resources',
        place: 'infra/a.yaml:6:3',
      });
    });

  const huge = [
    [
      'repetition',
      { 'infra/a.yaml': `server:\n  a:\n    count: 50000\n    userData: ${'x'.repeat(30_000)}\n    ${SERVER}` },
    ],
    [
      'defaults',
      {
        'infra/a.yaml': `server:\n  a:\n    count: 50000\n    ${SERVER}`,
        'config/defaults.yaml': `server:\n  userData: ${'x'.repeat(30_000)}\n`,
      },
    ],
    [
      'variables',
      {
        'infra/a.yaml': `server:\n  a:\n    ${SERVER}    userData: \${var.v9}\n`,
        'config/defaults.yaml': `vars:\n  v0: ${'x'.repeat(1_000)}\n${Array.from({ length: 9 }, (_, index) => `  v${index + 1}: "${`\${var.v${index}}`.repeat(20)}"\n`).join('')}`,
      },
    ],
    [
      'structures',
      {
        'infra/a.yaml': `server:\n  a:\n    ${SERVER}    taskservs:\n      x: { a: "\${var.v9}" }\n`,
        'config/defaults.yaml': `vars:\n  v0: [${'x, '.repeat(100)}x]\n${Array.from({ length: 9 }, (_, index) => `  v${index + 1}: [${`"\${var.v${index}}", `.repeat(20)}x]\n`).join('')}`,
      },
    ],
  ] as const;
  test.each(huge.slice(0, scaled(1, huge.length)))('a small workspace that becomes huge by %s', (_, files) => {
    expect(one(files)).toEqual({ id: 'WS-EXPANDED', what: 'the workspace expands beyond 32 MiB', place: '' });
  });

  test('at most fifty problems of one file are shown, and the others are counted', () => {
    const { problems } = refused({
      'infra/a.yaml': `server:\n${Array.from({ length: 80 }, (_, index) => `  s${index}: { size: 5, image: debian-12 }\n`).join('')}`,
    });
    expect(problems).toHaveLength(LIMITS.problemsPerFile);
  });
});

describe('time grows with the size of the input', () => {
  const cases: readonly [string, (size: number) => { readonly [path: string]: string }][] = [
    [
      'a chain of needs',
      size => ({
        'infra/a.json': JSON.stringify({
          server: Object.fromEntries(
            Array.from({ length: Math.min(size, 4_900) }, (_, index) => [
              `s${index}`,
              { size: 's', image: 'i', ...(index === 0 ? {} : { needs: [`server/s${index - 1}`] }) },
            ]),
          ),
        }),
      }),
    ],
    [
      'blank lines in a literal block',
      size => ({
        'infra/a.yaml': `server:\n  a:\n    userData: |\n${'\n'.repeat(size)}${'      x\n'.repeat(size)}    ${SERVER}`,
      }),
    ],
    [
      'quotes that do not end',
      size => ({ 'infra/a.yaml': `server:\n  a:\n    userData: "${'\\"'.repeat(size)}\n    ${SERVER}` }),
    ],
    [
      'TOML headers',
      size => ({
        'infra/a.toml': Array.from(
          { length: size / 4 },
          (_, index) => `[server.s${index % 4_000}.labels.l${index}]\n`,
        ).join(''),
      }),
    ],
    ['TOML lists of tables', size => ({ 'infra/a.toml': '[[firewall.f.rules]]\nport = 1\n'.repeat(size / 2) })],
    [
      'expressions',
      size => ({
        'infra/a.yaml': `server:\n  a:\n    ${SERVER}    userData: "${'${server.b.id} '.repeat(size)}"\n  b:\n    ${SERVER}`,
      }),
    ],
    [
      'open expressions',
      size => ({ 'infra/a.yaml': `server:\n  a:\n    ${SERVER}    userData: "${'$'.repeat(size)}"\n` }),
    ],
    ['conflict markers', size => ({ 'infra/a.yaml': `${'<<<<<<<x\n'.repeat(size)}` })],
  ];
  test.each(cases.slice(0, scaled(3, cases.length)))('%s', (_, make) => {
    const start = process.cpuUsage();
    try {
      load(make(scaled(4_000, 20_000)));
    } catch (error) {
      expect(error).toBeInstanceOf(Fault);
    }
    const used = process.cpuUsage(start);
    expect((used.user + used.system) / 1_000).toBeLessThan(LIMITS.parseMs);
  });
});
