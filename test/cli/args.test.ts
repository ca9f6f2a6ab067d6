import { describe, expect, it } from 'vitest';
import { parseCommandLine, wantsJson } from '../../cli/args.ts';
import { Fault } from '../../schemas/fault.ts';
import { FIXTURE } from './fixture.ts';

const parse = (line: string) =>
  parseCommandLine(
    line.split(' ').filter(word => word !== ''),
    FIXTURE,
  );

describe('a command line that means', () => {
  it.each([
    ['plan', 'plan.show', {}],
    ['plan show', 'plan.show', {}],
    ['plan.show', 'plan.show', {}],
    ['plan -C shop', 'plan.show', { directory: 'shop' }],
    ['-C shop plan', 'plan.show', { directory: 'shop' }],
    ['-Cshop plan', 'plan.show', { directory: 'shop' }],
    ['plan --directory=shop', 'plan.show', { directory: 'shop' }],
    ['-C shop plan -C shop', 'plan.show', { directory: 'shop' }],
    ['plan --target server/a --target server/b', 'plan.show', { target: ['server/a', 'server/b'] }],
    ['plan --parallel 64 --detailed-exitcode', 'plan.show', { parallel: 64, detailedExitcode: true }],
    ['plan --format markdown', 'plan.show', { format: 'markdown' }],
    ['plan approve 3f6c1a9b2e77', 'plan.approve', { digest: '3f6c1a9b2e77' }],
    ['approve -C shop 3f6c1a9b2e77', 'plan.approve', { digest: '3f6c1a9b2e77', directory: 'shop' }],
    ['approve -- --odd', 'plan.approve', { digest: '--odd' }],
    ['state move server/a server/b', 'state.move', { address: ['server/a', 'server/b'] }],
    ['apply --auto-approve', 'apply.run', { autoApprove: true }],
  ])('%s', (line, name, input) => {
    const request = parse(line);
    expect(request).toMatchObject({ kind: 'run', json: false, input });
    expect(request.kind === 'run' && request.entry.name).toBe(name);
  });

  it.each([
    ['', 'overview'],
    ['--help', 'overview'],
    ['-h', 'overview'],
    ['help', 'overview'],
    ['--version', 'version'],
    ['-V', 'version'],
    ['plan --help', 'help'],
    ['--help plan', 'help'],
    ['help plan show', 'help'],
    ['help state', 'noun'],
    ['state --help', 'noun'],
    ['plan -h --parallel nonsense', 'help'],
    ['completion bash', 'completion'],
  ])('%s is %s', (line, kind) => {
    expect(parse(line).kind).toBe(kind);
  });

  it('takes --json before and after the command', () => {
    expect(parse('--json plan')).toMatchObject({ json: true });
    expect(parse('plan --json')).toMatchObject({ json: true });
    expect(wantsJson(['plan', '--json'])).toBe(true);
    expect(wantsJson(['plan', '--', '--json'])).toBe(false);
  });
});

describe('a command line that is refused', () => {
  // The line, what is wrong, and what to do. One row for each case of the catalogue of bad input.
  it.each([
    ['C1 unknown command', 'pln', 'there is no command "pln"', 'did you mean provisioning plan?'],
    [
      'C1 unknown command, nothing near',
      'zzzzzz',
      'there is no command "zzzzzz"',
      'provisioning --help shows every command',
    ],
    ['C1 unknown verb', 'state lst', 'state has no "lst": it has list, move', 'did you mean provisioning state list?'],
    ['C1 no verb', 'state', 'state needs a verb: it has list, move', 'provisioning state --help'],
    ['C1 unknown flag', 'plan --fromat text', 'there is no flag --fromat', 'did you mean --format?'],
    ['C1 unknown flag before the command', '--jsn plan', 'there is no flag --jsn', 'did you mean --json?'],
    ['C1 unknown letter', 'plan -x', 'there is no flag -x', 'provisioning plan --help'],
    ['C1 flag of another case', 'plan --Format text', 'there is no flag --Format', 'did you mean --format?'],
    ['C2 twice with different values', 'plan --env prod --env dev', '--env given twice: prod, dev', 'give it once'],
    ['C2 before and after the command', '-C a plan -C b', '--directory given twice: a, b', 'give it once'],
    ['C3 no value at the end', 'plan --env', '--env needs a value', 'Environment of the workspace.'],
    ['C3 an empty value', 'plan --env=', '--env needs a value', 'Environment of the workspace.'],
    ['C3 a flag for a value', 'plan --env --json', '--env needs a value', 'Environment of the workspace.'],
    ['C3 no choice', 'plan --format=', '--format needs a value; known: text, markdown, mermaid', 'How to print.'],
    [
      'C3 wrong choice',
      'plan --format markdwon',
      '--format is "markdwon"; it can be text, markdown, mermaid',
      'did you mean markdown?',
    ],
    [
      'C3 a value for a switch',
      'apply --auto-approve=yes',
      '--auto-approve takes no value: leave it out or give it',
      undefined,
    ],
    ['C6 zero', 'plan --parallel 0', '--parallel is 0, which is not a whole number from 1 to 64', 'the default is 4'],
    [
      'C6 below zero',
      'plan --parallel -1',
      '--parallel is -1, which is not a whole number from 1 to 64',
      'the default is 4',
    ],
    [
      'C6 far too much',
      'plan --parallel 1e9',
      '--parallel is 1e9, which is not a whole number from 1 to 64',
      'the default is 4',
    ],
    [
      'C6 a word',
      'plan --parallel abc',
      '--parallel is abc, which is not a whole number from 1 to 64',
      'the default is 4',
    ],
    [
      'C6 a fraction',
      'plan --parallel 1.5',
      '--parallel is 1.5, which is not a whole number from 1 to 64',
      'the default is 4',
    ],
    ['a missing argument', 'approve', '<digest> is missing: Digest of the plan.', 'example: provisioning plan approve'],
    ['one argument too many', 'approve abc def', '"def" is one argument too many', 'provisioning approve --help'],
  ])('%s', (_, line, what, fix) => {
    const fault = faultOf(line);
    expect(fault.code).toBe('usage');
    expect(fault.nothingChanged).toBe(true);
    expect(fault.problems[0]).toMatchObject(fix === undefined ? { what } : { what, fix });
  });

  it('C11 a secret as an argument, without repeating it', () => {
    const fault = faultOf('plan --api-token=hunter2 ');
    expect(fault.problems[0]?.why).toContain('process list');
    expect(JSON.stringify(fault.problems)).not.toContain('hunter2');
  });

  it('says everything that is wrong at once', () => {
    expect(faultOf('plan --parallel 0 --format x extra').problems.map(problem => problem.id)).toEqual([
      'CLI-ARGUMENT',
      'CLI-RANGE',
      'CLI-CHOICE',
    ]);
  });

  it('shows no control characters and cuts long words', () => {
    const fault = faultOf(`\u202e${'a'.repeat(200)}`);
    expect(fault.message).toContain('\\u{202E}');
    expect(fault.message.length).toBeLessThan(120);
  });
});

function faultOf(line: string): Fault {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error(`accepted: ${line}`);
}
