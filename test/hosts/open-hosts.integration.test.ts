import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenHosts, openHosts } from './open-hosts.ts';

describe('hosts of a test', () => {
  let open: OpenHosts;
  beforeAll(async () => {
    open = await openHosts(2, { subnet: '10.211.250.0/24', profile: 'container-host' });
  });
  afterAll(() => open.close());

  it('run systemd, and are known by their keys', async () => {
    for (const host of open.hosts) {
      expect((await open.ssh(host, 'systemctl is-system-running --wait')).trim()).toBe('running');
      expect((await open.ssh(host, 'hostname')).trim()).toBe(host.name);
    }
  });

  it('reach each other by name', async () => {
    const [first] = open.hosts;
    if (first === undefined) throw new Error('no host');
    expect(await open.ssh(first, 'ping -c1 -W5 host2')).toContain('10.211.250.12');
  });
});
