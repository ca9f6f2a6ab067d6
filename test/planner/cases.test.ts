import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { makePlan } from '../../planner/plan.ts';
import { renderPlanText } from '../../planner/render/text.ts';
import { Plan } from '../../schemas/plan.ts';
import { inputOf, type Scenario } from './fixture.ts';

const CASES = fileURLToPath(new URL('./cases/', import.meta.url));
const UPDATE = process.env['UPDATE'] === '1';

/** Each folder is a world and the plan that must come of it: as people read it, with the order below, and as data. */
describe('plan cases', () => {
  const names = readdirSync(CASES).sort();
  expect(names.length).toBeGreaterThan(40);
  test.each(names)('%s', name => {
    const scenario = parse(readFileSync(join(CASES, name, 'scenario.yaml'), 'utf8')) as Scenario;
    const plan = makePlan(inputOf(scenario));
    expect(Plan.parse(plan)).toEqual(plan);
    golden(name, 'expected.txt', `${renderPlanText(plan, { colour: false, width: 110 })}\n${order(plan)}`);
    golden(name, 'expected.json', `${JSON.stringify(plan, null, 2)}\n`);
  });
});

function order(plan: Plan): string {
  const lines = plan.changes.map(({ key, needs, risk, inverse }, index) => {
    const back = `${inverse.action ?? 'nothing'}, ${inverse.reversible}`;
    return `${index + 1}. ${key}  [${risk}; back by ${back}]${needs.length === 0 ? '' : `\n     after ${needs.join(', ')}`}`;
  });
  return ['In this order:', ...lines, ''].join('\n');
}

function golden(name: string, file: string, text: string): void {
  const path = join(CASES, name, file);
  if (UPDATE) writeFileSync(path, text);
  expect(existsSync(path), `${path} is missing: run with UPDATE=1 and read it`).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
