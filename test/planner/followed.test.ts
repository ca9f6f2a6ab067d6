import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { consider } from '../../planner/plan.ts';
import { inputOf, type Scenario } from './fixture.ts';

const text = readFileSync(new URL('./cases/drift/scenario.yaml', import.meta.url), 'utf8');

test('the record follows what was changed outside and stands in the files by now, and then nothing lags', () => {
  const input = inputOf(parse(text) as Scenario);
  const { plan, followed } = consider(input);
  expect(plan.changes.map(({ address }) => address)).not.toContain('server/same');
  expect(followed).toHaveLength(1);
  const [record] = followed;
  const before = input.recorded.objects.get('server/same');
  expect(record).toEqual({ ...before, spec: { ...before?.spec, size: 'medium' } });
  const objects = new Map(input.recorded.objects).set('server/same', record as NonNullable<typeof record>);
  expect(consider({ ...input, recorded: { ...input.recorded, objects } }).followed).toEqual([]);
});
