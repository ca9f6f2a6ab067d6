import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { allFiles, read } from '../../scripts/generate/tree.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: { readonly [name: string]: unknown };
}
interface Work {
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: unknown;
  readonly steps?: readonly Step[];
  readonly uses?: string;
  readonly environment?: unknown;
}
interface Workflow {
  readonly on: { readonly [event: string]: unknown };
  readonly permissions?: unknown;
  readonly concurrency?: { readonly group?: unknown };
  readonly jobs: { readonly [name: string]: Work };
}

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const PERMISSIONS = /^(?:read|write|none)$/;
const TEXTS = allFiles()
  .filter(path => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
  .map(read);

/** Everything that is wrong with a workflow, in words. */
function flawsOf(text: string): string[] {
  const workflow = parse(text) as Workflow;
  const flaws = [...flawsOfText(text)];
  if ('pull_request_target' in workflow.on) flaws.push('runs on pull_request_target');
  if (!isEmpty(workflow.permissions)) flaws.push('the top does not take all permissions away');
  if (workflow.concurrency?.group === undefined) flaws.push('has no concurrency group');
  for (const [name, work] of Object.entries(workflow.jobs)) {
    if (!grants(work.permissions)) flaws.push(`${name} does not say its permissions one by one`);
    if (work['timeout-minutes'] === undefined) flaws.push(`${name} has no time limit`);
    flaws.push(...(work.steps ?? []).flatMap(flawsOfStep));
    if (work.uses !== undefined) flaws.push(...flawsOfStep(work));
  }
  return flaws;
}

/** The version in a comment behind each pin is what a reader checks the pin against. */
function flawsOfText(text: string): string[] {
  const loose = text
    .split('\n')
    .filter(line => /\buses:\s*[^.\s]/.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line));
  return loose.map(line => `no version stands behind: ${line.trim()}`);
}

function flawsOfStep({ uses, run, with: given }: Step): string[] {
  const flaws: string[] = [];
  if (uses !== undefined && !uses.startsWith('./') && !PINNED.test(uses)) flaws.push(`${uses} is not pinned`);
  if (run?.includes('${{') === true) flaws.push(`an expression stands inside a script: ${run.trim().split('\n')[0]}`);
  if (uses?.startsWith('actions/checkout@') === true && given?.['persist-credentials'] !== false)
    flaws.push('a checkout leaves its credential behind');
  return flaws;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function grants(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every(one => PERMISSIONS.test(String(one)))
  );
}

describe('the workflows', () => {
  it('are those that the documentation names', () => {
    expect(TEXTS.map(({ path }) => path.slice('.github/workflows/'.length))).toEqual([
      'ci.yml',
      'provisioning-apply.yml',
      'provisioning-drift.yml',
      'provisioning-plan.yml',
      'release.yml',
    ]);
  });

  it.each(TEXTS)('keep to the rules: $path', ({ text }) => {
    expect(flawsOf(text)).toEqual([]);
  });

  it('pin each action to one commit everywhere', () => {
    const pins = [...TEXTS, read('action.yml')].flatMap(({ text }) => [...text.matchAll(/uses: ([^@\s]+)@(\S+)/g)]);
    const versions = new Map<string, Set<string>>();
    for (const [, action = '', commit = ''] of pins)
      versions.set(action, (versions.get(action) ?? new Set()).add(commit));
    expect([...versions].filter(([, commits]) => commits.size > 1)).toEqual([]);
    expect(versions.size).toBeGreaterThan(1);
  });

  it('let only the publishing one sign, and only the plan and the apply write', () => {
    const granted = TEXTS.map(({ path, text }) => {
      const { jobs } = parse(text) as Workflow;
      const writes = Object.values(jobs).flatMap(({ permissions }) =>
        Object.entries(permissions as object).flatMap(([name, access]) => (access === 'write' ? [name] : [])),
      );
      return [path.replace(/^.*\//, ''), writes.join(' ')];
    });
    expect(granted).toEqual([
      ['ci.yml', ''],
      ['provisioning-apply.yml', 'contents pull-requests issues checks statuses'],
      ['provisioning-drift.yml', ''],
      ['provisioning-plan.yml', 'contents pull-requests issues checks statuses'],
      ['release.yml', 'id-token'],
    ]);
  });

  const GOOD = `on: [push]
permissions: {}
concurrency: { group: a }
jobs:
  a:
    timeout-minutes: 5
    permissions: { contents: read }
    steps:
      - uses: actions/checkout@${'0'.repeat(40)} # v1.2.3
        with: { persist-credentials: false }
      - run: echo "$A"
        env: { A: "\${{ github.head_ref }}" }
`;

  it('would be caught breaking a rule', () => {
    expect(flawsOf(GOOD)).toEqual([]);
    const broken: readonly (readonly [string, string, RegExp])[] = [
      ['on: [push]', 'on: { pull_request_target: {} }', /pull_request_target/],
      ['permissions: {}', 'permissions: read-all', /top/],
      ['permissions: {}\n', '', /top/],
      ['permissions: { contents: read }', 'permissions: write-all', /one by one/],
      ['    permissions: { contents: read }\n', '', /one by one/],
      ['    timeout-minutes: 5\n', '', /time limit/],
      ['concurrency: { group: a }\n', '', /concurrency/],
      ['0'.repeat(40), 'v1', /not pinned/],
      [' # v1.2.3', '', /no version/],
      ['persist-credentials: false', 'fetch-depth: 0', /credential/],
      ['echo "$A"', 'echo "${{ github.event.pull_request.title }}"', /inside a script/],
      ['echo "$A"', 'echo "${{ github.head_ref }}"', /inside a script/],
    ];
    for (const [from, to, what] of broken) {
      expect(GOOD).toContain(from);
      expect(flawsOf(GOOD.replace(from, () => to)).join('\n')).toMatch(what);
    }
  });
});

describe('the action', () => {
  const { text } = read('action.yml');
  const action = parse(text) as {
    readonly inputs: { readonly [name: string]: { readonly description?: string } };
    readonly outputs: { readonly [name: string]: { readonly description?: string; readonly value?: string } };
    readonly runs: { readonly using: string; readonly steps: readonly Step[] };
  };

  it('keeps to the rules of the workflows', () => {
    expect(action.runs.using).toBe('composite');
    expect([...flawsOfText(text), ...action.runs.steps.flatMap(flawsOfStep)]).toEqual([]);
  });

  it('describes every input and output, and gives every output', () => {
    for (const one of [...Object.values(action.inputs), ...Object.values(action.outputs)])
      expect(one.description).toMatch(/./);
    expect(Object.keys(action.outputs)).toEqual(['verdict', 'changes', 'digest', 'comment-url']);
  });

  it('takes from the workflows only inputs that it has', () => {
    for (const workflow of TEXTS) {
      const steps = Object.values((parse(workflow.text) as Workflow).jobs).flatMap(({ steps: own = [] }) => own);
      for (const step of steps.filter(({ uses }) => uses === './program'))
        expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
    }
  });
});
