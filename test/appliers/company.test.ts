import { describe, expect, it } from 'vitest';
import { change, openStage, planOf } from './stage.ts';

const SERVER = 'delete server/a';
const SERVICE = 'delete taskserv.redis/a';

/** A server and a service on it that goes with it, in a plan that deletes both. */
async function bothGo() {
  const stage = openStage();
  const [server, service] = await stage.made('server/a', 'taskserv.redis/a');
  if (server === undefined || service === undefined) throw new Error('nothing was made');
  const plan = planOf([
    change(SERVER, { id: server.id }),
    change(SERVICE, { id: service.id, needs: [SERVER], goesWith: SERVER }),
  ]);
  return { stage, plan };
}

describe('what goes with its server', () => {
  it('is recorded as gone, and nothing is sent for it', async () => {
    const { stage, plan } = await bothGo();
    const report = await stage.run(plan);
    expect(report).toMatchObject({ outcome: 'done', done: [SERVER, SERVICE] });
    expect(stage.cloud.calls().filter(call => call.startsWith('delete'))).toEqual([SERVER]);
    expect((await stage.recorded()).size).toBe(0);
  });

  it('stays recorded when the server could not be deleted', async () => {
    const { stage, plan } = await bothGo();
    stage.cloud.script(SERVER, { does: 'refuse', class: 'invalid-input' });
    const report = await stage.run(plan);
    expect(report.skipped).toEqual([{ key: SERVICE, because: `${SERVER} failed` }]);
    expect([...(await stage.recorded()).keys()].sort()).toEqual(['server/a', 'taskserv.redis/a']);
  });

  it.each(['outcome.before', 'outcome.after', 'end.before'] as const)(
    'is recorded with it or not at all: killed at %s',
    async point => {
      const { stage, plan } = await bothGo();
      expect(await stage.dieAt(point, plan)).toBe(true);
      expect([0, 2]).toContain((await stage.recorded()).size);
      expect(await stage.dieAt('begin.after', plan)).toBe(false);
      expect((await stage.recorded()).size).toBe(0);
      expect(stage.cloud.calls()).not.toContain(SERVICE);
    },
  );
});
