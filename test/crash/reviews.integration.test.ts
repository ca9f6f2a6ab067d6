import { expect, test } from 'vitest';
import { flaws, openReviewSite } from '../../scripts/crash/review-site.ts';
import { reviews } from '../../scripts/crash/reviews.ts';
import { administer } from '../../scripts/crash/site.ts';
import { REVIEW_FAILPOINTS } from '../../schemas/failpoint.ts';

/** A fixed half of the review failpoints, and the control of every story; `npm run crash -- --reviews` kills at all of them. */
test('a killed program that looks after a pull request is made up for by the next', async () => {
  const tally = await reviews({
    quick: true,
    seed: 1,
    only: { shape: null, profile: null, point: null, nth: null, second: null },
    share: { number: 1, of: 2 },
    workers: 2,
    keep: false,
    say: () => {},
  });
  expect(tally.violations).toEqual([]);
  expect(tally.fired).toBe(tally.cases);
  expect(tally.fired).toBeGreaterThanOrEqual(REVIEW_FAILPOINTS.length / 2);
});

test('what judges it sees a second comment, an open check, a missing mark and a foreign object', async () => {
  const site = await openReviewSite('planned', 'app', false);
  try {
    expect((await flaws(site)).map(what => what.split(':')[0])).toEqual(['comments', 'stage', 'planned commit']);
    await site.start(['review', '--json']).ended;
    expect(await flaws(site)).toEqual([]);
    const { repository, cloud, pull } = site;
    const [first] = repository.comments(pull);
    const [run] = repository.state.checks;
    if (first === undefined || run === undefined) throw new Error('nothing was said');
    await repository.comment(pull, { by: first.by, body: first.body });
    run.status = 'in_progress';
    administer({ clouds: [cloud] }, 'POST', 'objects', {
      kind: 'server',
      name: 'x',
      size: 'small',
      image: 'debian-12',
    });
    expect((await flaws(site)).map(what => what.split(':')[0])).toEqual(['comments', 'never concluded', 'objects']);
  } finally {
    await site.close();
  }
});
