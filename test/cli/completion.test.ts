import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../cli/completion.ts';
import { FIXTURE } from './fixture.ts';

/** What bash would offer for these words; the last one is being typed. */
function offered(...words: string[]): string[] {
  const script = `${completionScript('bash', FIXTURE)}
COMP_WORDS=(provisioning ${words.map(word => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_provisioning
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const run = spawnSync('bash', ['--norc', '--noprofile'], { input: script, encoding: 'utf8' });
  expect(run.stderr).toBe('');
  return run.stdout.split('\n').filter(line => line !== '');
}

describe('bash completes', () => {
  it.each([
    ['commands', ['pl'], ['plan']],
    ['nouns', ['sta'], ['state']],
    ['verbs', ['state', ''], ['list', 'move', '--json', '--help']],
    ['flags of a shortcut', ['apply', '--a'], ['--auto-approve']],
    ['flags of a full name', ['plan', 'show', '--f'], ['--format']],
    ['other flags for another verb of the noun', ['plan', 'approve', '--f'], []],
    ['choices', ['plan', '--format', 'm'], ['markdown', 'mermaid']],
    ['shells', ['completion', 'z'], ['zsh']],
  ])('%s', (_, words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

it.each([
  [
    'zsh',
    ['#compdef provisioning', "'--format[How to print.]:format:(text markdown mermaid)'", 'state) verbs=(list move)'],
  ],
  [
    'fish',
    ['complete -c provisioning -f', "-l format -x -a 'text markdown mermaid'", "-s C -r -d 'Folder of the workspace.'"],
  ],
])('the script for %s offers commands, flags and choices', (shell, parts) => {
  const script = completionScript(shell, FIXTURE);
  expect(parts.filter(part => !script.includes(part))).toEqual([]);
});

it('an unknown shell is refused', () => {
  expect(() => completionScript('tcsh', FIXTURE)).toThrow('bash, zsh or fish');
});
