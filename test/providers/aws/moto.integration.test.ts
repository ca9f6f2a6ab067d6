import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws } from '../../../providers/aws/index.ts';
import type { CallContext, Connection, CreateRequest, Observed, Outcome } from '../../../schemas/provider.ts';
import { ProviderFault } from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import { hasMoto, startMoto } from './moto-server.ts';
import { KEY, WORKSPACE, errorOf, request, updateOf } from './objects.ts';
import { realContext } from './real-context.ts';

const isThere = hasMoto('the AWS provider');

/** moto has no placement groups and answers 500: for it there are none, so that everything else can be listed. */
const NO_GROUPS =
  '<DescribePlacementGroupsResponse><requestId>r-0</requestId><placementGroupSet/></DescribePlacementGroupsResponse>';
const real = realContext();
const ctx: CallContext = {
  ...real,
  fetch: (input, init) =>
    String(init?.body).includes('Action=DescribePlacementGroups')
      ? Promise.resolve(new Response(NO_GROUPS))
      : real.fetch(input, init),
};
let moto: Awaited<ReturnType<typeof startMoto>> | undefined;
let connection: Connection;
/** What was compared, in the order in which it was. */
const compared: string[] = [];

async function finish(outcome: Outcome): Promise<Observed | null> {
  let current = outcome;
  for (let round = 0; current.status === 'pending'; round += 1) {
    if (round > 50) throw new Error('it never ended');
    // Every answer of moto is final: what is pending is over at the next look.
    const [result] = await connection.poll(ctx, [current.token]);
    if (result === undefined || result instanceof ProviderFault) throw result ?? new Error('poll gave no result');
    current = result;
  }
  return current.status === 'done' ? current.object : null;
}

/** Makes an object, and compares what create, read and find say of it. */
async function made(asked: CreateRequest): Promise<Observed> {
  const object = await finish(await connection.create(ctx, asked));
  if (object === null) throw new Error(`no ${asked.kind} was made`);
  expect(object).toMatchObject({ kind: asked.kind, phase: 'ready', owner: asked.owner, spec: asked.spec });
  expect(await connection.read(ctx, object)).toEqual(object);
  // moto cannot look for a client token, which is how a server is found.
  const isFound = asked.kind !== 'server';
  if (isFound) expect(await connection.find(ctx, asked)).toEqual([object]);
  compared.push(`${asked.kind}: create, read${isFound ? ', find' : ''}`);
  return object;
}

async function changed(object: Observed, asked: CreateRequest, change: Spec): Promise<void> {
  const after = await finish(await connection.update(ctx, updateOf(object, asked, change)));
  expect(after).toMatchObject({ id: object.id, spec: change });
  compared.push(`${asked.kind}: update ${Object.keys(change).join(', ')}`);
}

async function removed({ kind, id, owner }: Observed): Promise<void> {
  if (owner === null) throw new Error('nobody owns it');
  expect(await finish(await connection.delete(ctx, { kind, id, owner }))).toBeNull();
  expect(await connection.read(ctx, { kind, id })).toBeNull();
  compared.push(`${kind}: delete, read`);
}

describe.skipIf(!isThere)('the AWS provider against moto', () => {
  beforeAll(async () => {
    moto = await startMoto();
    const { url } = moto;
    const keys: { readonly [reference: string]: string } = {
      'env:AWS_ACCESS_KEY_ID': 'AKIAIOSFODNN7EXAMPLE',
      'env:AWS_SECRET_ACCESS_KEY': 'moto-takes-any',
    };
    const config = { region: 'us-east-1', url, visibleAfterMs: 0 };
    connection = await aws.connect(ctx, config, reference => Promise.resolve(keys[reference]));
  }, 60_000);

  afterAll(() => {
    moto?.stop();
    process.stdout.write(`compared with moto:\n${compared.map(line => `  ${line}\n`).join('')}`);
  });

  it('takes a workspace from nothing to nothing', async () => {
    const rules = [
      { direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8'] },
      { direction: 'in', protocol: 'tcp', port: '8000-8100' },
    ];
    const wanted = {
      firewall: request('firewall', { rules }),
      key: request('ssh-key', { publicKey: `${KEY} demo` }),
      network: request('network', { ipRange: '10.1.0.0/16' }),
    };
    const firewall = await made(wanted.firewall);
    const key = await made(wanted.key);
    const network = await made(wanted.network);
    const subnet = await made(request('subnet', { network: network.id, ipRange: '10.1.1.0/24', zone: 'us-east-1a' }));
    // moto does not show the groups of a network card as the server's own, as AWS does: they are given to it later.
    const serverAsked = request('server', {
      size: 't3.micro',
      image: 'ami-12c6146b',
      subnet: subnet.id,
      sshKeys: [key.id],
    });
    const server = await made(serverAsked);
    expect(server.outputs['hostKey']).toMatch(/^ssh-ed25519 /);
    const volumeAsked = request('volume', { sizeGib: 10, server: server.id });
    const volume = await made(volumeAsked);
    const addressAsked = request('floating-ip', { server: server.id });
    const address = await made(addressAsked);
    const services = [{ protocol: 'http', listenPort: 80, targetPort: 8080, healthPath: '/up' }];
    const balancerAsked = request('load-balancer', { subnet: subnet.id, services, targets: [server.id] });
    const balancer = await made(balancerAsked);

    const all = [firewall, key, network, subnet, server, volume, address, balancer];
    const listed = await connection.list(ctx, WORKSPACE);
    expect(listed.map(object => object.id).sort()).toEqual(all.map(object => object.id).sort());
    compared.push(`list: ${all.length} objects`);

    for (const [object, asked] of [
      [server, serverAsked],
      [volume, volumeAsked],
      [network, wanted.network],
      [firewall, wanted.firewall],
      [balancer, balancerAsked],
    ] as const)
      await changed(object, asked, { labels: { team: 'blue' } });
    await changed(firewall, wanted.firewall, { rules: [{ direction: 'in', protocol: 'tcp', port: 443 }] });
    await changed(server, serverAsked, { firewalls: [firewall.id] });
    await changed(server, serverAsked, { size: 't3.large' });
    await changed(volume, volumeAsked, { sizeGib: 20 });
    await changed(volume, volumeAsked, { server: null });
    await changed(address, addressAsked, { server: null });

    expect(
      (await errorOf(connection.create(ctx, request('subnet', { network: 'vpc-404', ipRange: '10.1.2.0/24' })))).class,
    ).toBe('invalid-input');
    compared.push('subnet: what refers to nothing is refused');
    // moto deletes a key by its name only, and takes the deletion by its id for one of nothing.
    for (const object of [balancer, address, volume, server, subnet, network, firewall]) await removed(object);
    expect(await connection.list(ctx, WORKSPACE)).toEqual([key]);
    compared.push('list: nothing is left but the key, which moto deletes by its name only');
  }, 120_000);
});
