import { afterAll, beforeAll, expect, test } from 'vitest';
import { look, PLAIN_OPTIONS, planView } from '../../reconciler/view.ts';
import type { Ports } from '../../reconciler/ports.ts';
import type { Plan } from '../../schemas/plan.ts';
import { openSite, type Site } from './site.ts';

const KEYS = ['A', 'B'].map(letter => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${letter.repeat(43)}`);
const SPARE = { address: '192.0.2.19', hostKey: KEYS[1] };

/** The life of a claim on a machine, each test going on where the former one ended. Nobody is there to be contacted. */
let site: Site;
let ports: Ports;
let contacts = 0;
beforeAll(async () => {
  site = await openSite();
  const openHost: Ports['openHost'] = () => {
    contacts += 1;
    throw new Error('a machine was contacted');
  };
  ports = { ...site.ports, openHost };
});
afterAll(() => site.close());

const push = (more: { readonly address?: string; readonly user?: string; readonly size?: string }): Promise<string> => {
  const { address = '192.0.2.17', user = 'root', size = 'rack-7' } = more;
  const machines = {
    'rack-7': { address, user, hostKey: KEYS[0] },
    'rack-8': { address: '192.0.2.18', hostKey: KEYS[1] },
    'rack-9': SPARE,
  };
  const workspace = { name: 'shop', review: 'none', providers: { ssh: { machines } } };
  return site.push({
    'workspace.yaml': JSON.stringify(workspace),
    'infra/main.json': JSON.stringify({
      server: { db: { size, image: 'debian-12' }, spare: { size: 'rack-9', image: 'debian-12' } },
    }),
  });
};

async function planned(): Promise<Plan> {
  const [target] = await site.targets(ports);
  const signal = new AbortController().signal;
  const view = await look(ports, target as never, signal);
  return (await planView(ports, view, PLAIN_OPTIONS, signal)).plan;
}

async function recorded(): Promise<{ readonly [output: string]: unknown } | undefined> {
  const store = ports.openState({ remote: site.remote, workspace: 'shop' });
  return (await store.read()).objects.get('server/db')?.outputs;
}

const changes = ({ changes: all }: Plan) =>
  all.map(({ key, risk, fields }) => [key, risk, fields.map(({ path, effect }) => `${path} ${effect}`).join()]);

test('claims a machine: all that is needed to reach it is recorded, and free of charge', async () => {
  await push({});
  const plan = await planned();
  expect(changes(plan)).toEqual([
    ['create server/db', 'create', ''],
    ['create server/spare', 'create', ''],
  ]);
  expect([plan.findings, plan.price]).toEqual([[], null]);
  expect((await site.pass(ports)).status).toBe('applied');
  expect(await recorded()).toMatchObject({
    publicIp: '192.0.2.17',
    privateIp: '192.0.2.17',
    loginUser: 'root',
    hostKey: KEYS[0],
    sshPort: 22,
  });
  expect((await site.pass(ports)).status).toBe('in-sync');
});

test('follows another address and user in place', async () => {
  await push({ address: '192.0.2.99', user: 'admin' });
  expect(changes(await planned())).toEqual([['update server/db', 'in-place', 'machine live']]);
  expect((await site.pass(ports)).status).toBe('applied');
  expect(await recorded()).toMatchObject({ publicIp: '192.0.2.99', loginUser: 'admin' });
  expect((await site.pass(ports)).status).toBe('in-sync');
});

test('takes another machine for another server, and loses no data with the old one', async () => {
  await push({ address: '192.0.2.99', user: 'admin', size: 'rack-8' });
  const plan = await planned();
  expect(plan.changes.map(({ key, risk }) => [key, risk])).toEqual([
    ['create server/db', 'replace'],
    [expect.stringMatching(/^delete server\/db/), 'replace'],
  ]);
  expect((await site.pass(ports)).status).toBe('applied');
  expect(await recorded()).toMatchObject({ publicIp: '192.0.2.18', hostKey: KEYS[1] });
});

test('releases the machine, also when the files no longer list it', async () => {
  await site.push({
    'workspace.yaml': JSON.stringify({
      name: 'shop',
      review: 'none',
      providers: { ssh: { machines: { 'rack-9': SPARE } } },
    }),
    'infra/main.json': JSON.stringify({ server: { spare: { size: 'rack-9', image: 'debian-12' } } }),
  });
  expect(changes(await planned())).toEqual([['delete server/db', 'destroy', '']]);
  expect((await site.pass(ports)).status).toBe('applied');
  expect(await recorded()).toBeUndefined();
  expect(contacts).toBe(0);
});

test.each([['userData: "#!/bin/sh"', 'userData']])(
  'refuses %s, because the machine exists already',
  async (line, field) => {
    await push({});
    await site.push({
      'infra/main.json': '{}',
      'infra/main.yaml': `server:\n  db:\n    size: rack-7\n    image: debian-12\n    ${line}\n  spare: { size: rack-9, image: debian-12 }\n`,
    });
    const { findings } = await planned();
    expect(findings).toMatchObject([{ level: 'error', id: 'PR-REFUSED', at: { file: 'infra/main.yaml', line: 5 } }]);
    expect(findings[0]?.what).toContain(`\`${field}\` cannot be decided`);
  },
);
