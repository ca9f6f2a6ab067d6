import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServiceSpec } from '../../taskservs/host/parameters.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import { type OpenHosts, openHosts } from '../hosts/open-hosts.ts';
import { type RealHost, realHost } from './real-host.ts';

const PASSWORD = 'correct-horse-battery';

/** Longest time in milliseconds until the others have taken over. */
const OVER_MS = 180_000;

describe('services on three hosts', () => {
  let open: OpenHosts;
  let hosts: readonly RealHost[];
  beforeAll(async () => {
    open = await openHosts(3, { subnet: '10.213.2.0/24', memoryMib: 1024 });
    hosts = open.hosts.map(host => realHost(open, host));
    await Promise.all(hosts.map(host => host.ssh(['apt-get', 'update', '-qq'])));
  }, 300_000);
  afterAll(() => open.close());

  const everywhere = async (name: string, parameters: ServiceSpec, on = hosts): Promise<void> => {
    const service = TASKSERVS[name];
    if (service === undefined) throw new Error(`there is no service ${name}`);
    await Promise.all(on.map(host => host.apply(service, parameters)));
    for (const host of on) expect(await host.pending(service, parameters), name).toEqual([]);
  };
  const kill = ({ host }: RealHost): Promise<string> => open.podman.run(['kill', host.container]);
  const start = ({ host }: RealHost): Promise<string> => open.podman.run(['start', host.container]);

  it('etcd takes writes when one of three is killed', async () => {
    const members = Object.fromEntries(hosts.map(({ place }) => [place.server, place.address]));
    await everywhere('etcd', { plaintext: true, members });
    const [first, , third] = hosts as readonly [RealHost, RealHost, RealHost];
    const killed = Date.now();
    await kill(third);
    // It may have been the leader: the two that are left have to agree on another one first.
    await until(async () => (await first.ssh(['etcdctl', 'put', 'a', 'after'])).includes('OK'));
    console.log(`etcd: writes resumed ${((Date.now() - killed) / 1000).toFixed(1)} s after a member was killed`);
    expect(await first.ssh(['etcdctl', 'get', '--print-value-only', 'a'])).toBe('after\n');
    await start(third);
    await until(async () => (await third.ssh(['etcdctl', 'get', '--print-value-only', 'a'])).includes('after'));
  }, 900_000);

  it('PostgreSQL takes writes when its leader is killed, and loses nothing', async () => {
    const secrets = { superuserPassword: PASSWORD, replicationPassword: PASSWORD, apiPassword: PASSWORD };
    const etcd = hosts.map(({ place }) => `${place.address}:2379`);
    const users = { app: { password: PASSWORD, databases: ['shop'] } };
    await everywhere('patroni', { etcd, clients: ['10.213.2.0/24'], ...secrets, users, ttlSeconds: 20 });
    const leader = await holder(hosts, host => host.ssh(['curl', '-sf', `http://${host.place.address}:8008/primary`]));
    await until(async () => (await sql(leader, 'SELECT count(*) FROM pg_stat_replication')) === '2');
    await sql(leader, 'CREATE TABLE rows (v int); INSERT INTO rows VALUES (1)');
    const others = hosts.filter(host => host !== leader);
    const killed = Date.now();
    await kill(leader);
    const writer = async (): Promise<RealHost> =>
      holder(others, host => sql(host, 'INSERT INTO rows VALUES (2) RETURNING v'));
    let next: RealHost | undefined;
    await until(async () => (next = await writer()) !== undefined);
    console.log(
      `PostgreSQL: writes resumed ${((Date.now() - killed) / 1000).toFixed(1)} s after the leader was killed (ttl 20 s)`,
    );
    expect(await sql(next as RealHost, 'SELECT count(DISTINCT v) FROM rows')).toBe('2');
    await start(leader);
    await until(async () => (await sql(leader, 'SELECT pg_is_in_recovery(), count(DISTINCT v) FROM rows')) === 't|2');
  }, 1_800_000);

  it('an address moves to the other server', async () => {
    const pair = hosts.slice(0, 2);
    const peers = pair.map(({ place }) => place.address);
    await everywhere('keepalived', { addresses: ['10.213.2.200/24'], peers, group: 7 }, pair);
    const has = (host: RealHost): Promise<string> =>
      host.ssh(['sh', '-c', 'ip -brief address show | grep -F 10.213.2.200']);
    const first = await holder(pair, has);
    const others = pair.filter(host => host !== first);
    const killed = Date.now();
    await kill(first);
    await until(async () => (await holder(others, has)) !== undefined);
    console.log(
      `keepalived: the address moved ${((Date.now() - killed) / 1000).toFixed(1)} s after its holder was killed`,
    );
    expect((await hosts[2]?.ssh(['ping', '-c', '1', '-W', '2', '10.213.2.200'])) ?? '').toMatch(/1 received/);
  }, 600_000);
});

async function sql(host: RealHost, text: string): Promise<string> {
  const psql = ['runuser', '-u', 'postgres', '--', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', 'shop'];
  return (await host.ssh(['timeout', '10', ...psql, '-c', text])).trim();
}

/** The first host for which something works. */
async function holder(hosts: readonly RealHost[], works: (host: RealHost) => Promise<unknown>): Promise<RealHost> {
  for (const host of hosts) {
    const held = await works(host).then(
      () => true,
      () => false,
    );
    if (held) return host;
  }
  throw new Error('none of the hosts');
}

/** Asks until it is so; what fails is not so yet. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + OVER_MS;
  let last: unknown = 'it is not so';
  while (Date.now() < end) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`not within ${OVER_MS} ms: ${String(last)}`);
}
