import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TASKSERVS } from '../../taskservs/index.ts';
import { stepsText, worldOf } from './world.ts';

const CASES = join(import.meta.dirname, 'cases');

const cases = readdirSync(CASES).flatMap(service =>
  readdirSync(join(CASES, service))
    .filter(name => name.endsWith('.yaml'))
    .map(name => ({ service, name: name.replace(/\.yaml$/, '') })),
);

// The steps of a case stand beside it; `npx vitest run --project unit test/taskservs/cases.test.ts -u` writes them anew.
describe.each(cases)('$service: $name', ({ service, name }) => {
  test('gives the steps that stand beside it', async () => {
    const file = join(CASES, service, name);
    const world = worldOf(service, parse(readFileSync(`${file}.yaml`, 'utf8')));
    await expect(stepsText(world)).toMatchFileSnapshot(`${file}.txt`);
  });

  test('is in sync once the steps were carried out', () => {
    const world = worldOf(service, parse(readFileSync(join(CASES, service, `${name}.yaml`), 'utf8')));
    expect(stepsText(world.after())).toBe('in sync\n');
  });
});

test('every service has at least three cases', () => {
  const few = Object.keys(TASKSERVS).filter(name => cases.filter(({ service }) => service === name).length < 3);
  expect(few).toEqual([]);
});
