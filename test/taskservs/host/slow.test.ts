import { expect, test } from 'vitest';
import { stepsText, worldOf } from '../world.ts';

const USERS = { users: { app: { password: { $secret: 'queue/app', version: '0123456789ab' }, tags: ['management'] } } };

/** A queue that was set up, on a host that answers all its questions like this. */
function queue(answer: boolean | null, parameters: object = USERS): string {
  const world = worldOf('rabbitmq', { before: USERS, parameters });
  const tasks = Object.fromEntries(Object.keys(world.facts.tasks).map(probe => [probe, answer]));
  return stepsText(worldOf('rabbitmq', { before: USERS, parameters, facts: { tasks } }));
}

test('a host that is too slow to say whether a task is done has not drifted', () => {
  expect(queue(null)).toBe('in sync\n');
  expect(queue(false)).toContain('user app');
});

test('what is asked for anew is done, however slow the host is', () => {
  expect(queue(null, { users: { app: { ...USERS.users.app, tags: ['monitoring'] } } })).toContain('user app');
});
