import { expect, it } from 'vitest';
import { live } from '../../fakes/aws/objects.ts';
import { truth } from './aws-world.ts';
import { KEY, WORKSPACE, bench, errorOf, ownerFor, request, updateOf } from './objects.ts';

const SSH = { direction: 'in', protocol: 'tcp', port: 22 };

it('makes a workspace, whose firewall gets a copy in the network of its servers, and takes it away again', async () => {
  const b = await bench();
  const { create, connection, ctx, state, finish } = b;
  const rules = [SSH, { direction: 'out', protocol: 'tcp', port: 443 }];
  const asked = request('firewall', { rules });
  const firewall = await create(asked);
  const network = await create(request('network', { ipRange: '10.1.0.0/16' }));
  const subnet = await create(request('subnet', { network: network.id, ipRange: '10.1.1.0/24' }));
  const keys = [
    await create(request('ssh-key', { publicKey: `${KEY} a` }, 'a')),
    await create(request('ssh-key', { publicKey: `${KEY} b` }, 'b')),
  ];
  const sshKeys = keys.map(key => key.id);
  const spec = { size: 't3.micro', image: 'debian-12', subnet: subnet.id, firewalls: [firewall.id], sshKeys };
  const server = await create(request('server', spec, 'one'));
  expect(server.spec).toMatchObject({ ...spec, sshKeys: [...sshKeys].sort(), publicIp: true });
  expect(server.outputs).toMatchObject({ loginUser: 'admin', hostKey: expect.stringMatching(/^ssh-ed25519 /) });
  const [instance] = live(state.instances);
  expect(instance?.metadata).toEqual({ HttpTokens: 'required', HttpEndpoint: 'enabled' });
  expect(instance?.image).toBe('ami-00000000000000002');
  expect(Buffer.from(instance?.userData ?? '', 'base64').toString('utf8')).toContain(`${KEY} b`);

  const copy = state.groups[instance?.groups[0] ?? ''];
  expect(copy).toMatchObject({ vpc: network.id, tags: { 'provisioning/part': `firewall.${firewall.id}` } });
  expect(copy?.in.map(rule => rule.from)).toEqual([22, 22]);
  expect(copy?.out.map(rule => [rule.from, rule.range]).sort()).toEqual([
    [443, '0.0.0.0/0'],
    [443, '::/0'],
  ]);
  const kinds = (await connection.list(ctx, WORKSPACE)).map(object => object.kind).sort();
  expect(kinds).toEqual(['firewall', 'network', 'server', 'ssh-key', 'ssh-key', 'subnet']);

  const changed = { rules: [{ direction: 'in', protocol: 'tcp', port: 80 }] };
  const updated = await finish(await connection.update(ctx, updateOf(firewall, asked, changed)));
  expect(updated?.spec).toMatchObject(changed);
  expect(copy?.in.map(rule => rule.from)).toEqual([80, 80]);
  expect(copy?.out.map(rule => rule.protocol)).toEqual(['-1']);

  const second = await create(request('server', spec, 'two'));
  expect(live(state.groups).filter(group => group.vpc === network.id)).toHaveLength(2);
  expect((await errorOf(b.remove(firewall))).class).toBe('dependency');
  for (const one of [server, second, subnet, network, firewall, ...keys]) await b.remove(one);
  expect(truth(state)).toEqual([]);
  expect(live(state.gateways)).toHaveLength(1);
  const refused = b.cloud.ledger().filter(entry => entry.code !== '');
  expect(refused.map(({ action, code }) => [action, code])).toEqual([['DeleteSecurityGroup', 'DependencyViolation']]);
});

it('looks at what a token made when the same create now says something else', async () => {
  const { site, connection, ctx, finish, cloud, state } = await bench();
  const { asked, server } = await site();
  const fetch: typeof ctx.fetch = (input, init) => {
    const body = String(init?.body).replace('ami-00000000000000002', 'ami-00000000000000001');
    return ctx.fetch(input, { ...init, body });
  };
  // The signature is of the body as it was: whoever changes it on its way is refused.
  expect((await errorOf(connection.create({ ...ctx, fetch }, asked))).class).toBe('unauthenticated');
  const [instance] = live(state.instances);
  Object.assign(instance ?? {}, { request: 'what an older image was asked for with' });
  const again = await finish(await connection.create(ctx, asked));
  expect(again?.id).toBe(server.id);
  expect(cloud.ledger().some(entry => entry.code === 'IdempotentParameterMismatch')).toBe(true);
  expect(live(state.instances)).toHaveLength(1);
});

it('makes a new server when the one of the token is no more', async () => {
  const { site, remove, create, connection, ctx } = await bench();
  const { asked, server } = await site();
  await remove(server);
  const next = await create(asked);
  expect(next).toMatchObject({ phase: 'ready' });
  expect(next.id).not.toBe(server.id);
  expect((await connection.find(ctx, asked)).map(object => object.id)).toEqual([next.id]);
});

it.each([86_400_000, -86_400_000, 600_000])('allows for a clock of AWS that is %d ms ahead', async skewMs => {
  const { connection, ctx, cloud } = await bench({ skewMs });
  expect(await connection.list(ctx, WORKSPACE)).toEqual([]);
  expect(cloud.ledger().filter(entry => entry.code !== '')).toMatchObject([{ code: 'RequestExpired' }]);
});

it('protects servers and load balancers by AWS too, and obeys a protection that somebody else set', async () => {
  const b = await bench();
  const { create, connection, ctx, finish, state } = b;
  const { server, subnet, asked } = await b.site();
  const guarded = { ...asked, id: server.id, before: asked.spec, fields: [], protect: true };
  expect((await finish(await connection.update(ctx, guarded)))?.protected).toBe(true);
  expect(state.instances[server.id]?.isGuarded).toBe(true);
  const services = [{ protocol: 'tcp', listenPort: 1, targetPort: 1 }];
  const wanted = { ...request('load-balancer', { subnet: subnet.id, services, targets: [server.id] }), protect: true };
  const balancer = await create(wanted);
  const own = state.balancers[balancer.id];
  expect([balancer.protected, own?.isGuarded]).toEqual([true, true]);
  const lift = { ...wanted, protect: false, id: balancer.id, before: wanted.spec, fields: [] };
  expect((await finish(await connection.update(ctx, lift)))?.protected).toBe(false);
  expect(own?.isGuarded).toBe(false);
  Object.assign(own ?? {}, { isGuarded: true });
  expect((await errorOf(b.remove({ ...balancer, owner: wanted.owner }))).class).toBe('protected');
  expect(live(state.listeners)).toHaveLength(1);
});

it('says what is still in the way of a deletion', async () => {
  const b = await bench();
  const { network, subnet, server } = await b.site();
  expect(await errorOf(b.remove(network))).toMatchObject({ class: 'dependency', code: 'has_subnets' });
  expect(await errorOf(b.remove(subnet))).toMatchObject({ class: 'dependency', code: 'DependencyViolation' });
  const volume = await b.create(request('volume', { sizeGib: 10, server: server.id }));
  expect(b.state.volumes[volume.id]).toMatchObject({ instance: server.id, kind: 'gp3', isEncrypted: true });
  await b.remove(server);
  expect(b.state.volumes[volume.id]).toMatchObject({ instance: null, state: 'available' });
});

it('lets go of a volume that is in use before it deletes it, and of the gateway before the network', async () => {
  const b = await bench({ actionMs: 3_000 });
  const { network, subnet, server } = await b.site();
  const volume = await b.create(request('volume', { sizeGib: 10, server: server.id }));
  const before = b.count();
  await b.remove(volume);
  expect(b.writesSince(before)).toEqual(['DetachVolume', 'DeleteVolume']);
  await b.remove(server);
  await b.remove(subnet);
  await b.remove(network);
  expect(b.cloud.ledger().filter(entry => entry.code !== '')).toEqual([]);
});

it('waits with a load balancer’s subnet until its network cards are gone', async () => {
  const b = await bench({ actionMs: 3_000 });
  const { subnet, server } = await b.site();
  const services = [{ protocol: 'tcp', listenPort: 1, targetPort: 1 }];
  const balancer = await b.create(request('load-balancer', { subnet: subnet.id, services, targets: [server.id] }));
  await b.remove(server);
  await b.remove(balancer);
  expect((await errorOf(b.remove(subnet))).class).toBe('dependency');
  await b.clock.sleep(3_000);
  await b.remove(subnet);
});

const QUOTAS = [
  { limits: { instances: 1 }, kind: 'server', code: 'InstanceLimitExceeded' },
  { limits: { vpcs: 2 }, kind: 'network', code: 'VpcLimitExceeded' },
  { limits: { subnets: 3 }, kind: 'subnet', code: 'SubnetLimitExceeded' },
  { limits: { groups: 2 }, kind: 'firewall', code: 'SecurityGroupLimitExceeded' },
  { limits: { volumes: 0 }, kind: 'volume', code: 'VolumeLimitExceeded' },
  { limits: { addresses: 0 }, kind: 'floating-ip', code: 'AddressLimitExceeded' },
  { limits: { placements: 0 }, kind: 'placement-group', code: 'PlacementGroupLimitExceeded' },
  { limits: { balancers: 0 }, kind: 'load-balancer', code: 'TooManyLoadBalancers' },
];

it.each(QUOTAS)('says that the account may have no further $kind', async ({ limits, kind, code }) => {
  const b = await bench({ limits });
  const { network, subnet, asked } = await b.site();
  const specs: { readonly [kind: string]: object } = {
    server: asked.spec,
    network: { ipRange: '10.2.0.0/16' },
    subnet: { network: network.id, ipRange: '10.9.2.0/24' },
    firewall: { rules: [] },
    volume: { sizeGib: 10, zone: 'us-east-1a' },
    'load-balancer': { subnet: subnet.id, services: [], targets: [] },
  };
  const before = truth(b.state);
  const call = b.connection.create(b.ctx, request(kind, { ...specs[kind] }, 'more'));
  expect(await errorOf(call)).toMatchObject({ class: 'quota', code });
  expect(truth(b.state)).toEqual(before);
});

it('says that a size is sold out, and takes it when there is some', async () => {
  const b = await bench({ stock: { 't3.large': 0 } });
  const { asked, server } = await b.site();
  const large = request('server', { ...asked.spec, size: 't3.large' }, 'large');
  const soldOut = { class: 'capacity', code: 'InsufficientInstanceCapacity' };
  expect(await errorOf(b.connection.create(b.ctx, large))).toMatchObject(soldOut);
  // A server that is stopped for its new size cannot start: it is tried again until there is hardware.
  const resize = updateOf(server, asked, { size: 't3.large' });
  expect(await errorOf(b.connection.update(b.ctx, resize).then(outcome => b.finish(outcome)))).toMatchObject(soldOut);
  expect((await b.connection.read(b.ctx, server))?.spec['size']).toBe('t3.micro');
  b.cloud.configure({ stock: {} });
  const done = await b.finish(await b.connection.update(b.ctx, resize));
  expect(done?.spec['size']).toBe('t3.large');
  expect(b.state.instances[server.id]).toMatchObject({ size: 't3.large', state: 'running' });
  expect((await b.create(large)).phase).toBe('ready');
});

it('says how long to wait when AWS throttles', async () => {
  const b = await bench({ requestsPerSecond: 3 });
  expect((await errorOf(b.connection.list(b.ctx, WORKSPACE))).class).toBe('rate-limited');
});

it('does not take over a load balancer of the same name and settings, which AWS answers a create with', async () => {
  const b = await bench();
  const { subnet } = await b.site();
  const asked = request('load-balancer', { subnet: subnet.id, services: [], targets: [] });
  const made = await b.create(asked);
  const own = b.state.balancers[made.id];
  Object.assign(own ?? {}, { tags: { by: 'hand' } });
  expect(await errorOf(b.connection.create(b.ctx, asked))).toMatchObject({ class: 'already-exists' });
  // When it cannot be seen whose it is, nobody knows.
  b.cloud.arm({ fault: 'request-lost', asked: 'list', action: 'DescribeTags' });
  expect(await errorOf(b.connection.create(b.ctx, asked))).toMatchObject({ class: 'unknown-outcome' });
  expect(own?.tags).toEqual({ by: 'hand' });
  expect(live(b.state.balancers)).toHaveLength(1);
});

it('makes each object once where AWS shows what is new only after a while', async () => {
  const b = await bench({ lagMs: 3_000, actionMs: 1_000 });
  const firewall = await b.create(request('firewall', { rules: [SSH] }));
  await b.clock.sleep(5_000);
  const begun = await b.connection.create(b.ctx, request('network', { ipRange: '10.1.0.0/16' }));
  if (begun.status !== 'pending') throw new Error('what is not shown counts as done');
  // An absence is not believed as long as it may be a delay.
  expect((await errorOf(b.connection.read(b.ctx, begun.token))).class).toBe('transient');
  const network = await b.finish(begun);
  if (network === null) throw new Error('no network was made');
  await b.clock.sleep(5_000);
  const subnet = await b.create(request('subnet', { network: network.id, ipRange: '10.1.1.0/24' }));
  await b.clock.sleep(5_000);
  const spec = { size: 't3.micro', image: 'debian-12', subnet: subnet.id, firewalls: [firewall.id] };
  const server = await b.create(request('server', spec));
  await b.clock.sleep(5_000);
  await b.create(request('volume', { sizeGib: 10, server: server.id }));
  await b.create(request('floating-ip', { server: server.id }));
  const services = [{ protocol: 'tcp', listenPort: 1, targetPort: 1 }];
  await b.create(request('load-balancer', { subnet: subnet.id, services, targets: [server.id] }));
  const kinds = truth(b.state).map(object => object.kind);
  expect(kinds.sort()).toEqual(['firewall', 'floating-ip', 'load-balancer', 'network', 'server', 'subnet', 'volume']);
  await b.clock.sleep(5_000);
  expect(await b.connection.list(b.ctx, WORKSPACE)).toHaveLength(kinds.length);
  expect(live(b.state.gateways).filter(one => one.vpc === network.id)).toHaveLength(1);
});

it('keeps the range of addresses as AWS does', async () => {
  const b = await bench();
  const wrong = [
    request('network', { ipRange: '10.1.2.3/16' }),
    request('firewall', { rules: [{ ...SSH, sources: ['10.1.2.3/8'] }] }),
    request('firewall', { rules: [{ ...SSH, sources: ['FD00::/8'] }] }),
  ];
  for (const asked of wrong) {
    expect(await errorOf(b.connection.create(b.ctx, asked))).toMatchObject({ class: 'invalid-input' });
  }
  expect(truth(b.state)).toEqual([]);
});

it('finds nothing of a workspace whose name begins like another one', async () => {
  const b = await bench();
  const owner = { ...ownerFor('network', 'x'), workspace: 'shop@prod-two' };
  await b.create({ ...request('network', { ipRange: '10.1.0.0/16' }), owner });
  expect(await b.connection.list(b.ctx, WORKSPACE)).toEqual([]);
});
