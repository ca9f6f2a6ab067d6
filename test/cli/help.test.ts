import { expect, it } from 'vitest';
import { commandHelp, nounHelp, overview } from '../../cli/help.ts';
import { FIXTURE } from './fixture.ts';

const entry = (name: string) => FIXTURE.find(one => one.name === name) ?? expect.fail(name);

it('the overview shows every command once, shortcuts in the order in which people meet them', () => {
  const lines = overview(FIXTURE)
    .split('\n')
    .map(line => line.trim().split('  ')[0]);
  const commands = ['plan', 'approve', 'apply', 'demo cloud', 'state list', 'state move', 'completion'];
  expect(lines.filter(line => commands.includes(line ?? ''))).toEqual(commands);
});

it('the help of a noun shows its verbs', () => {
  expect(nounHelp('state', FIXTURE)).toBe(
    'Usage: provisioning state <verb>\n\n  state list  Does state.list.\n  state move  Does state.move.\n',
  );
});

it('the help of a command shows arguments, flags with their limits and defaults, and an example', () => {
  const text = commandHelp(entry('plan.show'));
  expect(text).toContain('  provisioning plan [--flags]\n  provisioning plan show [--flags]\n');
  expect(text).toMatch(/-C, --directory <text> +Folder of the workspace\. Default: \.\./);
  expect(text).toMatch(/--parallel <number> +Changes at once \(from 1 to 64\)\. Default: 4\./);
  expect(text).toMatch(/--format <text\|markdown\|mermaid>/);
  expect(text).toContain('Example\n  provisioning plan show\n');
  expect(text).toContain('It changes nothing. Permission: plan:read');
  expect(commandHelp(entry('plan.approve'))).toMatch(/Arguments\n {2}<digest> {2}Digest of the plan\. Required\./);
  expect(commandHelp(entry('state.move'))).toContain('provisioning state move <address>...');
});
