import { expect, test } from 'vitest';
import { fuzz } from './fuzz.ts';

const COUNT = Number(process.env['FUZZ'] ?? 20_000);

test.each([1, 2])(`${COUNT / 2} changed workspaces, seed %i`, seed => {
  const { accepted, refused, broken } = fuzz({ seed, count: COUNT / 2 });
  expect(broken).toEqual([]);
  expect(accepted + refused).toBe(COUNT / 2);
});
