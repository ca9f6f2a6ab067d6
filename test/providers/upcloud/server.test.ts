import { expect, it } from 'vitest';
import { ProviderFault } from '../../../schemas/provider.ts';
import { bench, FIREWALL, KEY, request, SERVER, SSH_KEY, VIRTUAL } from './objects.ts';

it('makes a server with everything in one request, and remembers what UpCloud forgets', async () => {
  const { connection, ctx, create, state } = await bench();
  const made = await create('server', 'a', { ...SERVER, userData: '#!/bin/sh\necho canary\n' });
  const server = state.servers[made.id];
  expect(made.spec).toMatchObject({
    image: SERVER['image'],
    sshKeys: [SSH_KEY],
    firewalls: [FIREWALL],
    publicIp: true,
  });
  expect(made.spec).not.toHaveProperty('userData');
  expect(server?.keys).toEqual([KEY]);
  expect(server?.userData).toContain('ed25519_private');
  expect(server?.userData).toContain('echo canary');
  expect(made.outputs['hostKey']).toMatch(/^ssh-ed25519 AAAA/);
  expect(server?.userData).toContain(String(made.outputs['hostKey']));
  expect(made.outputs['loginUser']).toBe('root');
  expect(await connection.list(ctx, 'shop@prod')).toEqual([made]);
});

it('compiles firewalls into the rule list of the server, and lets answers in', async () => {
  const { create, state } = await bench();
  const made = await create('server', 'a', SERVER);
  const server = state.servers[made.id];
  const words = server?.rules.map(rule =>
    [
      'action',
      'family',
      'protocol',
      'source_address_start',
      'source_address_end',
      'destination_port_start',
      'destination_port_end',
    ]
      .map(field => rule[field])
      .join(' ')
      .trim(),
  );
  expect(server?.firewall).toBe('on');
  expect(words?.slice(0, 2)).toEqual([
    'accept IPv4 tcp 10.0.0.0 10.255.255.255 22 22',
    'accept IPv6 tcp 2001:db8:0:0:0:0:0:0 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 22 22',
  ]);
  expect(words).toContain('accept IPv4 udp   32768 60999');
  expect(words?.at(-1)).toBe('drop');
});

it('shows a rule that somebody changed, and puts it back in place', async () => {
  const { connection, ctx, create, finish, state } = await bench();
  const made = await create('server', 'a', SERVER);
  const server = state.servers[made.id];
  const before = structuredClone(server?.rules);
  server?.rules.splice(0, 1);
  expect((await connection.read(ctx, made))?.spec['firewalls']).toEqual([]);
  expect((await connection.list(ctx, 'shop@prod'))[0]?.spec['firewalls']).toEqual([]);
  const change = { ...request('server', 'a', SERVER), id: made.id, before: SERVER, fields: ['firewalls'] };
  expect((await finish(await connection.update(ctx, change)))?.id).toBe(made.id);
  expect(server?.rules).toEqual(before);
  expect((await connection.read(ctx, made))?.spec['firewalls']).toEqual([FIREWALL]);
});

it('follows a firewall to its new content without another server', async () => {
  const { connection, ctx, create, finish, state } = await bench();
  const made = await create('server', 'a', SERVER);
  const next = 'firewall-ffffffffffffffffffff';
  const spec = { ...SERVER, firewalls: [next] };
  const virtual = { ...VIRTUAL, [next]: { rules: [{ direction: 'in', protocol: 'tcp', port: '8000-8100' }] } };
  const change = { ...request('server', 'a', spec), virtual, id: made.id, before: SERVER, fields: ['firewalls'] };
  const changed = await finish(await connection.update(ctx, change));
  expect(changed).toMatchObject({ id: made.id, spec: { firewalls: [next] } });
  expect(state.servers[made.id]?.rules[0]).toMatchObject({
    destination_port_start: '8000',
    destination_port_end: '8100',
  });
  expect(state.servers[made.id]?.state).toBe('started');
});

it('sees that a firewall is switched off', async () => {
  const { connection, ctx, create, state } = await bench();
  const made = await create('server', 'a', SERVER);
  Object.assign(state.servers[made.id] ?? {}, { firewall: 'off' });
  expect((await connection.read(ctx, made))?.spec['firewalls']).toEqual([]);
});

it('deletes a server with its own disk and never with a volume', async () => {
  const { connection, ctx, create, finish, state } = await bench();
  const server = await create('server', 'a', SERVER);
  const volume = await create('volume', 'v', { sizeGib: 10, server: server.id });
  const disks = () => Object.values(state.storages).filter(storage => storage.access === 'private');
  expect(disks()).toHaveLength(2);
  expect(await finish(await connection.delete(ctx, { ...request('server', 'a', {}), id: server.id }))).toBeNull();
  expect(disks().map(storage => storage.uuid)).toEqual([volume.id]);
});

it('does not take a volume for the disk of a server, whatever its place', async () => {
  const { connection, ctx, create, finish, state } = await bench();
  const server = await create('server', 'a', SERVER);
  const volume = await create('volume', 'v', { sizeGib: 10, server: server.id });
  const devices = state.servers[server.id]?.devices ?? [];
  devices.shift();
  for (const device of devices) device.address = 'virtio:0';
  expect(await finish(await connection.delete(ctx, { ...request('server', 'a', {}), id: server.id }))).toBeNull();
  expect(state.storages[volume.id]).toBeDefined();
  expect(state.servers).toEqual({});
});

it('switches off a server that does not shut down', async () => {
  const { connection, ctx, create, finish, cloud, world } = await bench();
  const made = await create('server', 'a', SERVER);
  const fired = cloud.arm({ fault: 'action-stuck', asked: 'update', collection: 'server', times: null });
  const start = world.clock.now();
  expect(await finish(await connection.delete(ctx, { ...request('server', 'a', {}), id: made.id }))).toBeNull();
  expect(fired()).toBeGreaterThan(0);
  expect(world.clock.now() - start).toBeGreaterThanOrEqual(75_000);
  expect(cloud.ledger().filter(entry => entry.path.endsWith('/stop'))).toHaveLength(2);
});

it('puts no secret into a token', async () => {
  const { connection, ctx } = await bench();
  const outcome = await connection.create(ctx, request('server', 'a', { ...SERVER, userData: 'canary-5f1' }));
  expect(outcome.status).toBe('pending');
  const text = JSON.stringify(outcome);
  expect(text).not.toContain('canary-5f1');
  expect(text).not.toContain('ucat-');
  expect(text).not.toContain('PRIVATE KEY');
});

it.each([
  [{ image: 'Debian' }, 'there is no image with this title'],
  [{ sshKeys: ['ssh-key-ffffffffffffffffffff'] }, 'an SSH key is not known'],
  [{ firewalls: ['firewall-ffffffffffffffffffff'] }, 'a firewall is not known'],
])('makes nothing of %j', async (wrong, why) => {
  const { connection, ctx, state } = await bench();
  const error = await connection
    .create(ctx, request('server', 'a', { ...SERVER, ...wrong }))
    .catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ProviderFault);
  expect((error as ProviderFault).message).toContain(why);
  expect(state.servers).toEqual({});
});
