import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { digestOf } from '../../planner/digest.ts';
import { makePlan } from '../../planner/plan.ts';
import { renderPlanMarkdown } from '../../planner/render/markdown.ts';
import { renderPlanText } from '../../planner/render/text.ts';
import { inputOf, type Scenario } from './fixture.ts';

// Prints one line for each plan case: what a machine with another locale, time zone or folder must print too.
const cases = fileURLToPath(new URL('./cases/', import.meta.url));
for (const name of readdirSync(cases).sort()) {
  const plan = makePlan(inputOf(parse(readFileSync(`${cases}${name}/scenario.yaml`, 'utf8')) as Scenario));
  const text = digestOf([renderPlanText(plan, { colour: true, width: 90 }), renderPlanMarkdown(plan)]);
  process.stdout.write(`${name} ${plan.digest} ${text}\n`);
}
