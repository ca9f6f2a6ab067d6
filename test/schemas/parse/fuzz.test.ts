import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

test('whatever a file holds, it is loaded or refused with words, in time', () => {
  const { accepted, refused, broken } = fuzz({ seed: 20_261_123, count: 300 });
  expect(broken).toEqual([]);
  expect(accepted).toBeGreaterThan(5);
  expect(refused).toBeGreaterThan(150);
});
