import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isFull } from '../../scaled.ts';
import { play, type Scenario } from './play.ts';

const folder = join(import.meta.dirname, 'scenarios');
const groups = readdirSync(folder).sort();
const scenarios = groups.flatMap(file => {
  const list = parse(readFileSync(join(folder, file), 'utf8')) as Scenario[];
  return list.map(scenario => ({ group: file.replace('.yaml', ''), ...scenario }));
});

describe.each(groups.map(file => file.replace('.yaml', '')))('%s', group => {
  test.each(scenarios.filter((one, index) => one.group === group && (isFull() || index % 4 === 0)))(
    '$name',
    async scenario => {
      const end = await play(scenario);
      expect(end.facts).toMatchObject(scenario.expect);
      for (const text of scenario.says ?? []) expect(end.comment).toContain(text);
    },
  );
});

test('there are enough of them, of both sorts', () => {
  const guarded = scenarios.filter(one => one.group === 'unapproved');
  expect(guarded.length).toBeGreaterThanOrEqual(40);
  expect(guarded.every(one => one.expect.applied === false)).toBe(true);
  expect(scenarios.filter(one => one.expect.applied === true).length).toBeGreaterThanOrEqual(10);
});

if (isFull())
  test('many of the refused ones are refused for nothing but the missing approval', async () => {
    const guarded = scenarios.filter(
      one => one.group === 'unapproved' && one.events.some(event => JSON.stringify(event).includes('merge')),
    );
    let applied = 0;
    for (const scenario of guarded) if ((await play(scenario, { isForged: true })).facts.applied === true) applied += 1;
    expect(applied).toBeGreaterThan(guarded.length / 3);
  }, 30_000);
