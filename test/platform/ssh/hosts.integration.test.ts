import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemWorld } from '../../../platform/clock/world.ts';
import { openHosts as openOverSsh } from '../../../platform/ssh/hosts.ts';
import type { HostSession, HostTarget } from '../../../schemas/host.ts';
import { openHosts, type OpenHosts } from '../../hosts/open-hosts.ts';
import { faultOf, until } from './contract.ts';

describe('a machine with systemd', () => {
  let real: OpenHosts;
  let root: HostSession;
  let deploy: HostTarget;
  const openHost = openOverSsh({
    world: systemWorld({}),
    secrets: () => Promise.resolve(real.identity),
    agent: undefined,
    times: { keepaliveMs: 300 },
  });
  beforeAll(async () => {
    real = await openHosts(1, { subnet: '10.210.0.0/24' });
    const [host] = real.hosts;
    if (host === undefined) throw new Error('no host');
    const { address, port, user, hostKey } = host;
    root = await openHost({ address, port, user, hostKey });
    deploy = { address, port, user: 'deploy', hostKey };
    const script = 'useradd -m -s /bin/bash deploy && cp -r ~root/.ssh ~deploy/ && chown -R deploy: ~deploy/.ssh';
    expect(await root.run({ argv: ['sh', '-c', script], timeoutMs: 20_000 })).toMatchObject({ code: 0 });
  }, 120_000);
  afterAll(() => real.close());

  it('lets somebody become root after the line that the refusal names', async () => {
    const host = await openHost(deploy);
    const id = { argv: ['id', '-un'], timeoutMs: 10_000, asRoot: true };
    const { message } = await faultOf(host.run(id));
    const [, line = ''] = /the line `([^`]*)`/.exec(message) ?? [];
    expect(line).toBe('deploy ALL=(ALL) NOPASSWD: ALL');
    await root.run({ argv: ['tee', '/etc/sudoers.d/deploy'], stdin: `${line}\n`, timeoutMs: 10_000 });
    expect(await host.run(id)).toMatchObject({ code: 0, stdout: 'root\n' });
    expect(await host.run({ ...id, asRoot: false })).toMatchObject({ stdout: 'deploy\n' });
    // What runs as root is killed as well. The brackets keep pgrep from finding itself.
    const slow = { argv: ['sleep', '4711'], timeoutMs: 1_000, asRoot: true };
    expect(await faultOf(host.run(slow))).toMatchObject({ class: 'unknown-outcome', code: 'timeout' });
    await until(
      'it was killed',
      async () => (await root.run({ argv: ['pgrep', '-f', '[s]leep 4711'], timeoutMs: 9_000 })).code === 1,
    );
  });

  it('says a gibibyte, of which the beginning is kept', async () => {
    const before = process.memoryUsage().rss;
    const began = performance.now();
    const much = await root.run({ argv: ['head', '-c', '1073741824', '/dev/zero'], timeoutMs: 300_000 });
    const more = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
    console.log(`1 GiB read in ${((performance.now() - began) / 1_000).toFixed(1)} s, ${more} MiB more memory`);
    expect([much.code, much.stdout.length, much.isCut]).toEqual([0, 1 << 20, true]);
    expect(more).toBeLessThan(200);
  });

  it('is there again after a reboot', async () => {
    const bootId = async (): Promise<string> =>
      (await root.run({ argv: ['stat', '-c', '%Y', '/proc/1'], timeoutMs: 60_000 })).stdout;
    const first = await bootId();
    await real.podman.run(['restart', '--time=10', real.hosts[0]?.container ?? '']);
    // What is asked in the moment in which the connection breaks may have an unknown outcome.
    const second = await bootId().catch(bootId);
    expect(second).not.toBe(first);
  });
});
