import { expect, it } from 'vitest';
import { staleFiles } from '../../scripts/generate.ts';

it('every generated file is what `npm run generate` would write', async () => {
  expect((await staleFiles()).map(({ path }) => path)).toEqual([]);
});
