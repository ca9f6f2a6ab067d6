import { expect, test } from 'vitest';
import { prove } from '../../scripts/canaries/proof.ts';

/** A share of `npm run canaries`, which carries 64 of them along eight paths. */
const PATHS = ['success', 'validation error', 'provider error'];

test('8 canaries reach a host, and nothing else, whatever happens; what is leaked on purpose is found', async () => {
  const { walked, controls } = await prove({ count: 8, only: PATHS, say: () => {} });
  expect(walked.length).toBe(PATHS.length);
  for (const { path, looked } of walked)
    for (const { sink, found } of looked) expect(found, `${sink} after ${path}`).toEqual([]);
  for (const { sink, leaked, found } of controls) expect([sink, found]).toEqual([sink, leaked]);
});
