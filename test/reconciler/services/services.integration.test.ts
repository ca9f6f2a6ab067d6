import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ports } from '../../../reconciler/ports.ts';
import { look, PLAIN_OPTIONS, planView } from '../../../reconciler/view.ts';
import type { Plan } from '../../../schemas/plan.ts';
import { openHosts, type OpenHost, type OpenHosts } from '../../hosts/open-hosts.ts';
import { renderPlanText } from '../../../planner/render/text.ts';
import { sopsStore } from '../../../platform/secrets/store.ts';
import { sealedText, SURROUNDINGS } from '../../platform/secrets/recorded.ts';
import { openSite, type Site } from '../site.ts';
import { hosted } from './hosted.ts';

/**
 * Redis, nginx and PostgreSQL on two real hosts, through Git, plan, apply and SSH, with their passwords in a file of
 * secrets, and memcached, which is a file of the workspace. Every step goes on from the one before.
 */
let open: OpenHosts;
let site: Site;
let ports: Ports;
let web: OpenHost;
let db: OpenHost;

beforeAll(async () => {
  open = await openHosts(2, { subnet: '10.212.10.0/24' });
  site = await openSite({ leaseMs: 120_000 });
  ports = { ...hosted(site.ports, open, ['server/web', 'server/db']), secretStore: sopsStore(SURROUNDINGS) };
  [web, db] = open.hosts as [OpenHost, OpenHost];
});
afterAll(async () => {
  await site?.close();
  await open?.close();
});

function files(redis: string, more = ''): string {
  return `server:
  web:
    size: small
    image: debian-12
    taskservs:
      redis: ${redis}
      nginx: { text: "hello\\n" }
${more}`;
}

/** The service of the example that a workspace brings along. */
const OWN = 'taskservs/memcached/service.yaml';
const OWN_TEXT = readFileSync(join(import.meta.dirname, '../../../example-workspace/own-service', OWN), 'utf8');

const withDb = (more: string): string => `  db:
    size: small
    image: debian-12
    taskservs:
${more}      postgres:
        clients: [10.212.10.0/24]
        users: [{ name: shop, password: "\${secret.app/shop}" }]
        databases: [{ name: shop, owner: shop }]
`;
const DB = withDb('      memcached: { memoryMib: 32 }\n');

async function planned(): Promise<Plan> {
  const [target] = await site.targets(ports);
  const signal = new AbortController().signal;
  const view = await look(ports, target as never, signal);
  return (await planView(ports, view, PLAIN_OPTIONS, signal)).plan;
}

const ssh = (command: string): Promise<string> => open.ssh(web, command);
const secrets = async (redis: string, shop: string): Promise<{ [path: string]: string }> => ({
  'secrets/app.sops.yaml': await sealedText('secrets/app.sops.yaml', `redis: ${redis}\nshop: ${shop}\n`),
});
const PASSWORD = 'password: "${secret.app/redis}"';
const memcached = (words: string): Promise<string> =>
  open.ssh(db, `bash -c 'exec 3<>/dev/tcp/${db.address}/11211; printf "${words}\\r\\nquit\\r\\n" >&3; cat <&3'`);
const asShop = (password: string): Promise<string> =>
  open.ssh(db, `PGPASSWORD=${password} psql -h ${db.address} -U shop -tAc 'select 6*7' shop 2>&1 || true`);

test('a plan says what is done on servers that do not exist yet, and an apply does it', async () => {
  await site.push({
    'infra/main.yaml': files(`{ ${PASSWORD} }`, DB),
    [OWN]: OWN_TEXT,
    ...(await secrets('first-password', 'shop-password')),
  });
  const plan = await planned();
  const redis = plan.changes.find(change => change.address === 'taskserv.redis/web');
  expect(redis?.steps?.map(step => step.title)).toContain('install redis-server');
  expect(JSON.stringify(redis?.steps)).not.toContain('first-password');
  const report = await site.pass(ports);
  expect(report.fault).toBeNull();
  expect(report.run?.failed).toEqual([]);
  expect(report.status).toBe('applied');
  expect(await ssh('redis-cli --no-auth-warning -a first-password ping')).toContain('PONG');
  expect(await ssh('curl -s http://127.0.0.1/')).toBe('hello\n');
  expect(await memcached('set a 0 0 2\\r\\n42\\r\\nget a')).toContain('VALUE a 0 2\r\n42');
});

test('the next pass changes nothing', async () => {
  expect((await planned()).changes).toEqual([]);
  expect((await site.pass(ports)).status).toBe('in-sync');
});

test('another parameter is one change of one service, also of one that the workspace brings along', async () => {
  const db48 = withDb('      memcached: { memoryMib: 48 }\n');
  await site.push({ 'infra/main.yaml': files(`{ ${PASSWORD}, memoryMib: 64 }`, db48) });
  const plan = await planned();
  expect(plan.changes.map(change => change.key)).toEqual(['update taskserv.memcached/db', 'update taskserv.redis/web']);
  expect((await site.pass(ports)).status).toBe('applied');
  expect(await ssh('redis-cli --no-auth-warning -a first-password config get maxmemory')).toContain(String(64 << 20));
  expect(await memcached('stats settings')).toContain(`maxbytes ${48 << 20}`);
});

test('passwords that were written anew reach every service that uses them, and no old one is taken any more', async () => {
  expect(await asShop('shop-password')).toBe('42\n');
  await site.push(await secrets('second-password', 'other-shop-password'));
  const plan = await planned();
  expect(plan.changes.map(change => change.key)).toEqual(['update taskserv.postgres/db', 'update taskserv.redis/web']);
  const text = renderPlanText(plan, { colour: false, width: 120 });
  expect(text).toContain('(secret app/redis) (secret changed)');
  expect(text).not.toMatch(/(?:first|second|shop)-password/);
  expect((await site.pass(ports)).status).toBe('applied');
  expect(await ssh('redis-cli --no-auth-warning -a second-password ping')).toContain('PONG');
  expect(await ssh('redis-cli --no-auth-warning -a first-password ping 2>&1 || true')).not.toContain('PONG');
  expect(await asShop('other-shop-password')).toBe('42\n');
  expect(await asShop('shop-password')).toContain('authentication failed');
  const noted = (await ports.audit.list({ limit: 100 })).filter(({ operation }) => operation === 'secret.reveal');
  const uses = noted.map(({ facts }) => `${String(facts['path'])} for ${String(facts['purpose'])}`);
  expect(uses).toContain('app/redis for taskserv.redis/web');
  expect(uses).toContain('app/shop for taskserv.postgres/db');
  expect(noted.every(({ facts }) => facts['run'] !== '')).toBe(true);
  expect(JSON.stringify(await ports.audit.list({ limit: 100 }))).not.toMatch(/(?:first|second|shop)-password/);
  expect((await planned()).changes).toEqual([]);
});

test('what was changed behind our back is found in words and healed', async () => {
  await ssh('echo "# mine" >> /etc/redis/redis.conf; systemctl stop nginx; echo defaced > /srv/www/index.html');
  await open.ssh(db, 'systemctl stop memcached');
  const report = await site.pass(ports);
  const told = report.drift.flatMap(entry => entry.fields).map(field => JSON.stringify(field.observed));
  expect(told.join()).toContain('/etc/redis/redis.conf was edited');
  expect(told.join()).toContain('nginx is not running');
  expect(told.join()).toContain('memcached.service is not running');
  expect(told.join()).toContain('/srv/www/index.html was edited');
  expect(report.status).toBe('applied');
  expect(await ssh('grep -c "# mine" /etc/redis/redis.conf || true')).toBe('0\n');
  expect(await ssh('curl -s http://127.0.0.1/')).toBe('hello\n');
  expect((await planned()).changes).toEqual([]);
});

test('a package that was removed comes back', async () => {
  await ssh('apt-get -qq -y remove redis-server >/dev/null 2>&1');
  expect((await site.pass(ports)).status).toBe('applied');
  expect(await ssh('redis-cli --no-auth-warning -a second-password ping')).toContain('PONG');
});

test('a service that leaves the files leaves the host, and its data stays', async () => {
  const bare = withDb('');
  await site.push({ 'infra/main.yaml': files(`{ ${PASSWORD} }`, bare).replace(/ {6}redis.*\n/, ''), [OWN]: null });
  const gone = ['delete taskserv.memcached/db', 'delete taskserv.redis/web'];
  expect((await planned()).changes.map(change => change.key)).toEqual(gone);
  expect((await site.pass(ports)).status).toBe('applied');
  const left = 'dpkg-query -W -f="${db:Status-Status}" redis-server memcached 2>/dev/null || true';
  expect(await ssh(left)).not.toBe('installed');
  expect(await open.ssh(db, left)).toBe('');
  expect(await ssh('test -d /var/lib/redis && echo kept')).toBe('kept\n');
  expect(await ssh('ls /var/lib/provisioning/services')).toBe('nginx.json\n');
  expect(await open.ssh(db, 'ls /var/lib/provisioning/services')).toBe('postgres.json\n');
});

test('a server goes with its service, although its host does not answer', async () => {
  await open.podman.run(['kill', web.container]);
  await site.push({ 'infra/main.yaml': `server:\n${withDb('')}` });
  const { changes } = await planned();
  expect(changes.map(({ key, steps = [] }) => [key, steps])).toEqual([
    ['delete server/web', []],
    ['delete taskserv.nginx/web', []],
  ]);
  expect((await site.pass(ports)).status).toBe('applied');
  expect((await planned()).changes).toEqual([]);
});
