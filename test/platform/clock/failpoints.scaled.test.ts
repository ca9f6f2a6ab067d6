import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failpoints } from '../../../platform/clock/failpoints.ts';
import { systemWorld } from '../../../platform/clock/world.ts';
import { ROOT } from '../../../scripts/generate/format.ts';
import { isFull } from '../../scaled.ts';

const armed = (text: string) => failpoints({ PROVISIONING_TEST: '1', PROVISIONING_FAILPOINT: text });

it('fails at the nth time and only there', async () => {
  const reach = armed('push.after:2:error');
  await reach('push.after');
  await reach('push.before');
  await expect(reach('push.after')).rejects.toMatchObject({ code: 'unavailable', nothingChanged: false });
  await reach('push.after');
});

it('holds several traps', async () => {
  const reach = armed('push.after:1:delay=1,push.after:2:error');
  await reach('push.after');
  await expect(reach('push.after')).rejects.toThrow('push.after');
});

it.each([
  [{}],
  [{ PROVISIONING_FAILPOINT: 'push.after:1:error' }],
  [{ PROVISIONING_TEST: '1' }],
  [{ PROVISIONING_TEST: 'yes', PROVISIONING_FAILPOINT: 'push.after:1:error' }],
])('is inert with %j', async environment => {
  await expect(failpoints(environment)('push.after')).resolves.toBeUndefined();
});

it.each(['push.never:1:kill', 'push.after:0:kill', 'push.after:1:explode', 'push.after', 'push.after:1:delay'])(
  'refuses %s',
  text => {
    expect(() => armed(text)).toThrow('PROVISIONING_FAILPOINT');
  },
);

if (isFull())
  it('kills the process at once, and says first that it fired', () => {
    const folder = mkdtempSync(join(tmpdir(), 'failpoint-'));
    const log = join(folder, 'fired');
    const program = `import { systemWorld } from './platform/clock/world.ts';
await systemWorld().reach('push.before');
console.log('before');
await systemWorld().reach('push.after');
console.log('after');`;
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        ...process.env,
        PROVISIONING_TEST: '1',
        PROVISIONING_FAILPOINT: 'push.after:1:kill',
        PROVISIONING_FAILPOINT_LOG: log,
      },
    });
    expect([run.signal, run.stdout]).toEqual(['SIGKILL', 'before\n']);
    expect(readFileSync(log, 'utf8')).toBe('fired push.after:1:kill\n');
    rmSync(folder, { recursive: true });
  });

it('the world sleeps until it is told not to', async () => {
  const { clock, randomHex } = systemWorld({});
  await clock.sleep(1);
  const stop = AbortSignal.abort(new Error('enough'));
  await expect(clock.sleep(60_000, stop)).rejects.toThrow('enough');
  expect(clock.monotonic()).toBeGreaterThan(0);
  expect(randomHex(8)).toMatch(/^[0-9a-f]{16}$/);
});
