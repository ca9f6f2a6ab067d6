// The door of `scripts/storm.ts`, in a process of its own: prints its address, and then its memory in KiB ten times a second.
import { systemWorld } from '../platform/clock/world.ts';
import { openQueue } from '../reconciler/queue.ts';
import { openWebhooks } from '../server/door.ts';

const truth = process.argv[2] ?? '';
const queue = openQueue(
  async name => {
    await (await fetch(`http://127.0.0.1:${truth}/${encodeURIComponent(name)}`)).arrayBuffer();
  },
  { parallel: 4 },
);
const door = await openWebhooks({
  host: '127.0.0.1',
  port: 0,
  clock: systemWorld({}).clock,
  secrets: [process.env['STORM_SECRET'] ?? ''],
  isKnown: () => true,
  hint: ({ repository }) => queue.hint(repository),
});
console.log(door.url);
setInterval(() => console.log(Math.round(process.memoryUsage().rss / 1_024)), 100).unref();
process.once('SIGTERM', () => void door.close().then(() => process.exit(0)));
