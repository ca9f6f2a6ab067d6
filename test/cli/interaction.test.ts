import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askFor } from '../../cli/confirm.ts';
import { watchSignals } from '../../cli/signals.ts';
import { FIXTURE } from './fixture.ts';

const entry = (name: string) => FIXTURE.find(one => one.name === name) ?? expect.fail(name);
const QUESTION = { title: 'Apply these 3 changes to shop?', detail: 'the plan' };

describe('a question', () => {
  function ask(typed: string | null): { readonly answer: Promise<boolean>; readonly shown: () => string } {
    const input = new PassThrough();
    const output = new PassThrough();
    const answer = askFor(entry('apply.run'), {
      terminal: { attended: true },
      progress: { end: () => {} },
      input,
      output,
    })(QUESTION);
    if (typed !== null) input.write(`${typed}\n`);
    input.end();
    return { answer, shown: () => String(output.read()) };
  }

  it.each([
    ['yes', true],
    [' yes ', true],
    ['y', false],
    ['YES', false],
    ['', false],
    ['no', false],
    [null, false],
  ])('answered with %j is %s', async (typed, expected) => {
    const { answer, shown } = ask(typed);
    await expect(answer).resolves.toBe(expected);
    expect(shown()).toContain('the plan\n\nApply these 3 changes to shop?\nOnly "yes" agrees: ');
  });

  it.each([
    [
      'C4 with a plan to name',
      'apply.run',
      'provisioning apply --plan <digest> for a plan that was looked at, or --auto-approve',
    ],
    ['C4 without a flag', 'plan.approve', 'run it in a terminal'],
  ])('%s is refused where nobody sits, with what to do', async (_, name, fix) => {
    const confirm = askFor(entry(name), { terminal: { attended: false }, progress: { end: () => {} } });
    await expect(confirm(QUESTION)).rejects.toMatchObject({
      code: 'refused',
      nothingChanged: true,
      problems: [
        { what: 'nobody can be asked: Apply these 3 changes to shop?', why: 'standard input is not a terminal', fix },
      ],
    });
  });
});

describe('C10 Ctrl-C', () => {
  function watched(resumable: boolean) {
    const exits: number[] = [];
    const said: string[] = [];
    const source = Object.assign(new EventEmitter(), { exit: (status: number) => void exits.push(status) });
    const watch = watchSignals({ say: line => said.push(line), resumable, process: source });
    const state = () => [watch.signals.stop.aborted, watch.signals.abort.aborted, exits.length];
    return { source, watch, said, state, exits };
  }

  it('once stops, twice does not wait, three times ends', () => {
    const { source, said, state, exits } = watched(true);
    const states = [1, 2, 3].map(() => {
      source.emit('SIGINT');
      return state();
    });
    expect(states).toEqual([
      [true, false, 0],
      [true, true, 0],
      [true, true, 1],
    ]);
    expect(said).toEqual([expect.stringContaining('goes on from there'), expect.stringContaining('looked up')]);
    expect(exits).toEqual([130]);
  });

  it('does not wait for what changes nothing', () => {
    const { source, state } = watched(false);
    source.emit('SIGTERM');
    expect(state()).toEqual([true, true, 0]);
  });

  it('is no longer listened for at the end', () => {
    const { source, watch } = watched(true);
    watch.close();
    expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
  });
});
