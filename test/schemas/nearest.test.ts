import { expect, it } from 'vitest';
import { nearest } from '../../schemas/nearest.ts';

it.each([
  ['prv', ['priv', 'public'], 'priv'],
  ['replcias', ['replicas', 'region'], 'replicas'],
  ['web-1', ['web-2', 'db-1'], 'web-2'],
  ['x', ['alpha', 'beta'], undefined],
  ['server', [], undefined],
])('%s among %j means %s', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant);
});
