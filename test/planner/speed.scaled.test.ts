import { expect, test } from 'vitest';
import type { PlanInput } from '../../planner/input.ts';
import { makePlan } from '../../planner/plan.ts';
import { LIMITS } from '../../schemas/limits.ts';
import { asFault } from '../../schemas/fault.ts';
import { isFull, scaled } from '../scaled.ts';
import { inputOf, type Thing, type Wish } from './fixture.ts';

const LAYERS = 10;
const EDGES = 10;

/** Servers in ten layers, each naming ten of the layer before: in sync, or with everything of another image. */
function layered(size: number, image = 'debian-12'): PlanInput {
  const desired: { [address: string]: Wish } = {};
  const things: { [address: string]: Thing } = {};
  const width = Math.ceil(size / LAYERS);
  for (let index = 0; index < size; index += 1) {
    const start = (Math.floor(index / width) - 1) * width;
    const named =
      start < 0 ? [] : Array.from({ length: EDGES }, (_, edge) => start + ((index * 7919 + edge * 31) % width));
    const wanted = Object.fromEntries(named.map((at, edge) => [`after-${edge}`, { $ref: `server/r-${at}.id` }]));
    const labels = Object.fromEntries(named.map((at, edge) => [`after-${edge}`, `id-r-${at}`]));
    const spec = { size: 'small', zone: 'fi-1', userData: `node ${index}` };
    desired[`server/r-${index}`] = { spec: { ...spec, image, labels: wanted } };
    things[`server/r-${index}`] = {
      spec: { ...spec, image: 'debian-12', labels },
      needs: named.map(at => `server/r-${at}`),
    };
  }
  return inputOf({ desired, things });
}

function fastest(input: PlanInput, runs: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const start = process.cpuUsage();
    makePlan(input);
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, user + system);
  }
  return best;
}

test('planning grows with the resources, not with their square', () => {
  const size = scaled(60, 500);
  const small = layered(size);
  const large = layered(10 * size);
  expect(makePlan(large).changes).toEqual([]);
  const ratio = fastest(large, 5) / fastest(small, 15);
  expect(ratio).toBeLessThan(40);
});

test('replacing everything grows alike', () => {
  const size = scaled(20, 100);
  const small = layered(size, 'debian-13');
  const large = layered(10 * size, 'debian-13');
  expect(makePlan(large).counts.replace).toBe(10 * size);
  expect(fastest(large, 2) / fastest(small, 5)).toBeLessThan(40);
});

if (isFull())
  test('a plan beyond the limit is refused', () => {
    const things: { [address: string]: Thing } = {};
    for (let index = 0; index <= LIMITS.planActions; index += 1) things[`placement-group/p-${index}`] = { spec: {} };
    try {
      makePlan(inputOf({ things, notAsked: ['demo'] }));
      expect.unreachable('it was planned');
    } catch (error) {
      expect(asFault(error).code).toBe('refused');
      expect(asFault(error).problems[0]?.id).toBe('PR-TOO-MANY');
    }
  });
