/**
 * A writer in a process of its own, for tests that kill it. It says on standard output what was acknowledged, and dies where
 * the environment tells it to: `DIE_AT=<failpoint>:<nth>`.
 */
import { writeSync } from 'node:fs';
import { nativeGit } from '../../../platform/git/native.ts';
import { openGitState } from '../../../platform/state/git-state.ts';
import type { Step } from '../../../schemas/checkpoint.ts';
import { begin, done, holder, intent, realWorld } from './fixture.ts';

const [remote = '', home = '', id = '', mode = 'write', count = '40'] = process.argv.slice(2);
const [point, nth] = (process.env['DIE_AT'] ?? ':').split(':');
let hits = 0;

const world = realWorld(reached => {
  if (reached !== point) return undefined;
  hits += 1;
  if (hits < Number(nth)) return undefined;
  process.kill(process.pid, 'SIGKILL');
  return new Promise<void>(() => {});
});

function say(text: string): void {
  writeSync(1, `${text}\n`);
}

const timing = { ttlMs: 2_000, callMs: 200, pollMs: 100, retryMs: 20, groupMs: 20 };
const store = openGitState({ remote, home, workspace: 'shop', world, git: nativeGit(), ...timing });

async function write(): Promise<void> {
  const writer = await store.take(holder(id), { waitMs: 60_000 });
  say(`epoch ${writer.epoch}`);
  await writer.append([begin(id, `run-${id}`)]);
  const names = Array.from({ length: Number(count) }, (_, index) => `${id}-${index}`);
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (const name of names.filter((_name, index) => index % 4 === lane)) {
      const intended = await writer.append([{ step: 'intend', intents: [intent(name)] }]);
      if (lane === 0) await writer.pushed(intended);
      await writer.markSent(intent(name).key);
      await writer.append([done(name)]);
      say(`done server/${name}`);
    }
  });
  await Promise.all(lanes);
  const end: Step = { step: 'end', outcome: 'done', at: 1 };
  await writer.pushed(await writer.append([end]));
  say('end');
  await writer.close({ release: true });
  say('closed');
}

/** Writes one object at a time for ever, saying before each whether it believes to be the writer. */
async function go(): Promise<void> {
  const writer = await store.take(holder(id), { waitMs: 60_000 });
  say(`epoch ${writer.epoch}`);
  for (let index = 0; ; index += 1) {
    say(`alive ${writer.alive()}`);
    await writer.pushed(await writer.append([done(`${id}-${index}`)]));
    say(`done server/${id}-${index}`);
    await world.clock.sleep(20);
  }
}

try {
  if (mode === 'write') await write();
  if (mode === 'go') await go();
  if (mode === 'compact') say(`compacted ${(await store.compact(holder(id), { waitMs: 60_000 })).history}`);
} catch (error) {
  say(`fault ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
  process.exit(3);
}
