import { expect, test } from 'vitest';
import { scaled } from '../../scaled.ts';
import { runSchedule } from './schedule.ts';

test('hints that are lost, doubled, late and out of order end where polling alone ends', async () => {
  const bad: string[] = [];
  // The last two: merged by rebase before anybody looked, and a change that is not in the last commit of the rebase.
  for (const seed of [...Array(scaled(1, 30)).keys(), 728, 475]) {
    const polling = await runSchedule(seed, { loss: 1, doubled: 0, delay: 0 });
    const hinted = await runSchedule(seed, { loss: (seed % 5) / 5, doubled: 0.3, delay: seed % 7 });
    const isQuiet =
      polling.running === 0 && polling.open === 0 && polling.comments <= 1 && polling.missing.length === 0;
    if (!isQuiet || JSON.stringify(polling) !== JSON.stringify(hinted))
      bad.push(`seed ${seed}: ${JSON.stringify(polling)} but ${JSON.stringify(hinted)}`);
  }
  expect(bad).toEqual([]);
}, 300_000);
