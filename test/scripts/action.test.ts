import { describe, expect, it } from 'vitest';
import { argumentsOf, environmentOf, WrongInput } from '../../scripts/action/inputs.ts';
import { outcomeOf, outputLines } from '../../scripts/action/outcome.ts';
import { parseCommandLine } from '../../cli/args.ts';
import { CATALOGUE } from '../../operations/catalogue.ts';

describe('the arguments of the action', () => {
  it('plan a pull request as it would be merged into its branch', () => {
    expect(argumentsOf({ MODE: 'plan', PULL: '7', GITHUB_BASE_REF: 'main', GITHUB_REF_NAME: '7/merge' })).toEqual([
      'review',
      'run',
      '--directory=.',
      '--branch=main',
      '--pull=7',
      '--json',
    ]);
  });

  it('apply the branch that was pushed', () => {
    const given = { MODE: 'apply', WORKSPACE: 'shop', GITHUB_REF_NAME: 'trunk', GITHUB_REF_TYPE: 'branch' };
    expect(argumentsOf({ ...given, ARGUMENTS: ' --parallel=2 \n\n--reviews=off' })).toEqual([
      'reconcile',
      'run',
      '--directory=.',
      '--branch=trunk',
      '--workspace=shop',
      '--wait=600',
      '--parallel=2',
      '--reviews=off',
      '--once',
      '--json',
    ]);
  });

  it('look for drift in one workspace', () => {
    expect(argumentsOf({ MODE: 'drift', DIRECTORY: 'a b/shop', ENVIRONMENT: 'prod' })).toEqual([
      'drift',
      'show',
      '--directory=a b/shop',
      '--env=prod',
      '--detailed-exitcode',
      '--json',
    ]);
  });

  it.each([
    { MODE: 'plan', PULL: '7' },
    { MODE: 'apply', WORKSPACE: 'shop', ENVIRONMENT: 'prod', BRANCH: 'main' },
    { MODE: 'drift', ENVIRONMENT: 'prod' },
  ])('are understood by the program: $MODE', given => {
    expect(parseCommandLine(argumentsOf(given), CATALOGUE)).toMatchObject({ kind: 'run', json: true });
  });

  it.each([
    [{ MODE: 'destroy' }, /mode must be one of/],
    [{ MODE: 'plan' }, /number of a pull request/],
    [{ MODE: 'plan', PULL: '7; rm -rf /' }, /number of a pull request/],
    [{ MODE: 'plan', PULL: '7', WORKSPACE: 'shop' }, /workspace has no meaning/],
    [{ MODE: 'drift', WORKSPACE: 'shop' }, /workspace has no meaning/],
    [{ MODE: 'drift', ARGUMENTS: 'destroy' }, /line 1 of arguments/],
    [{ MODE: 'drift', ARGUMENTS: '--env prod' }, /line 1 of arguments/],
    [{ MODE: 'drift', ARGUMENTS: '--' }, /line 1 of arguments/],
    [{ MODE: 'drift', ARGUMENTS: '--env=prod' }, /--env is set by the action/],
    [{ MODE: 'apply', ARGUMENTS: '--watch' }, /--watch is set by the action/],
  ])('refuse %j', (given, what) => {
    expect(() => argumentsOf(given)).toThrow(WrongInput);
    expect(() => argumentsOf(given)).toThrow(what);
  });
});

describe('the credentials of the action', () => {
  it('are lines of names and values', () => {
    expect(environmentOf('# cloud\nCLOUD_TOKEN=a=b c\r\n\nOTHER=\n')).toEqual({ CLOUD_TOKEN: 'a=b c', OTHER: '' });
  });

  it.each([
    'token',
    'lower=1',
    'PATH=/tmp',
    'NODE_OPTIONS=--require=x',
    'GIT_SSH_COMMAND=x',
    'LD_PRELOAD=x',
    'GITHUB_OUTPUT=x',
  ])('refuse %s without repeating a value', line => {
    expect(() => environmentOf(`${line}secretpart`)).toThrow(WrongInput);
    expect(() => environmentOf(`${line}secretpart`)).not.toThrow(/secretpart/);
  });
});

const DIGEST = 'ab'.repeat(32);

describe('the outcome of the action', () => {
  it('of a plan is the stage, with the text of the comment as summary', () => {
    const review = {
      pull: 7,
      stage: 'planned',
      workspaces: [
        { workspace: 'shop@dev', digest: DIGEST, changes: 2, errors: 0 },
        { workspace: 'shop@prod', digest: null, changes: 1, errors: 1 },
      ],
      next: 'approve',
    };
    const plain = outcomeOf('plan', { exitCode: 4, stdout: JSON.stringify({ repository: 'r', reviews: [review] }) });
    expect(plain).toMatchObject({ verdict: 'planned', changes: 3, digest: DIGEST, commentUrl: '', exitCode: 4 });
    expect(plain.summary).toContain('| shop&#64;dev | 2 | 0 | abababababab |');
    const told = { ...review, markdown: '**2 to create**', commentUrl: 'https://github.com/a/b/pull/7#issuecomment-1' };
    const full = outcomeOf('plan', { exitCode: 0, stdout: JSON.stringify({ reviews: [told] }) });
    expect(full.summary).toBe('**2 to create**\n');
    expect(outputLines(full)).toBe(
      `verdict=planned\nchanges=3\ndigest=${DIGEST}\ncomment-url=https://github.com/a/b/pull/7#issuecomment-1\n`,
    );
  });

  it('of an apply is the worst status', () => {
    const pass = (status: string, done: readonly string[]): object => ({
      workspace: status,
      folder: '',
      status,
      digest: null,
      run: { done, failed: [] },
      next: '',
    });
    const passes = [pass('applied', ['a', 'b']), pass('waiting', []), pass('in-sync', [])];
    const outcome = outcomeOf('apply', { exitCode: 4, stdout: JSON.stringify({ passes }) });
    expect(outcome).toMatchObject({ verdict: 'waiting', changes: 2, exitCode: 4 });
    const strange = outcomeOf('apply', { exitCode: 1, stdout: JSON.stringify({ passes: [pass('brand-new', [])] }) });
    expect(strange.verdict).toBe('failed');
  });

  it.each([
    [0, [], 'in-sync', 0],
    [10, [{ status: 'changed', text: 'server/web size' }], 'drifted', 0],
    [10, [{ status: 'unavailable', text: 'x' }], 'unavailable', 7],
  ] as const)('of a look for drift that ended with %i', (exitCode, drift, verdict, ends) => {
    const outcome = outcomeOf('drift', { exitCode, stdout: JSON.stringify({ workspace: 'shop', objects: 3, drift }) });
    expect(outcome).toMatchObject({ verdict, exitCode: ends });
  });

  it('of a fault names every problem, and of anything else fails too', () => {
    const problems = [
      { id: 'WS-KIND', what: 'no kind <script>', fix: 'delete it', at: { file: 'a.yaml', line: 1, column: 2 } },
    ];
    const fault = outcomeOf('plan', { exitCode: 3, stdout: JSON.stringify({ fault: { code: 'invalid', problems } }) });
    expect(fault).toMatchObject({ verdict: 'failed', exitCode: 3 });
    expect(fault.summary).toContain('a.yaml:1:2 no kind &lt;script> Fix: delete it');
    expect(outcomeOf('apply', { exitCode: 0, stdout: 'oops' })).toMatchObject({ verdict: 'failed', exitCode: 1 });
  });

  it('lets no text of a cloud become markup or another output', () => {
    const text = '![x](http://evil) <img src=x>\n# head\n@team `code` |';
    const outcome = outcomeOf('drift', {
      exitCode: 10,
      stdout: JSON.stringify({ workspace: 'a\nverdict=in-sync', objects: 1, drift: [{ status: 'changed', text }] }),
    });
    expect(outcome.summary).not.toMatch(/<img|!\[|@team|\n# /);
    expect(outputLines({ ...outcome, verdict: 'a\nchanges=0' }).split('\n')).toHaveLength(5);
  });
});
