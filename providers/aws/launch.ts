import { z } from 'zod';
import { type CreateRequest, ProviderFault } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { cloudInitOf } from '../transport/cloud-init.ts';
import { type HostKey, hostKeyFor } from '../transport/host-key.ts';
import { type Account, invalid } from './account.ts';
import { type Call, ec2 } from './client.ts';
import { fault } from './errors.ts';
import { groupsIn } from './firewall-copies.ts';
import { imageId } from './images.ts';
import { instances, tokensOf } from './instances.ts';
import { Id, Word, listOf } from './pages.ts';
import { type KeyPair, keyPairs } from './ssh-key.ts';
import { subnets } from './subnet.ts';
import { TAG, newTags } from './tags.ts';

/** Most bytes of user data that EC2 takes. */
const USER_DATA_BYTES = 16_384;
/** Keys whose ids fit into one tag. */
const MOST_KEYS = 11;

/**
 * Starts a server, and returns its id. A token that was used before gives the server that it made. AWS keeps a token for
 * a day: when its server is no more, the next one of the series is taken, so that every process takes the same.
 */
export async function launch(call: Call, account: Account, request: CreateRequest): Promise<string> {
  const input = await parameters(call, account, request);
  for (const ClientToken of tokensOf(request.owner.opId)) {
    const made = await started(call, { ...input, ClientToken });
    if (made !== undefined && !OVER.has(made.State?.Name ?? '')) return made.InstanceId;
  }
  throw fault('state', 'tokens_spent', call.what, {
    why: 'all tokens of this operation made servers that are no more',
  });
}

const OVER: ReadonlySet<string> = new Set(['shutting-down', 'terminated']);
const Started = z.object({ InstanceId: Id, State: z.object({ Name: Word }).nullish() });
const Reply = z.object({ Instances: listOf(Started) }).refine(one => one.Instances.length === 1);
type Input = Awaited<ReturnType<typeof parameters>> & { readonly ClientToken: string };

/** The server of a token. It may have been asked for with other words: an image that was newer, other credentials. */
async function started(call: Call, input: Input): Promise<z.infer<typeof Started> | undefined> {
  try {
    return (await ec2(call, 'RunInstances', input, Reply, { main: true })).Instances[0];
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.code !== 'IdempotentParameterMismatch') throw error;
    const found = await instances(call, { by: 'token', token: input.ClientToken });
    const own = found.find(one => one.ClientToken === input.ClientToken);
    // Without a look at it nobody knows whether it lives, and the next token could make a second one.
    if (own === undefined) throw error;
    return own;
  }
}

async function parameters(call: Call, account: Account, request: CreateRequest) {
  const { spec, owner, protect } = request;
  const { size, image, zone, placementGroup, publicIp } = spec;
  const keys = await keysOf(call, spec);
  const hostKey = hostKeyFor(account.client.credentials.secretAccessKey, owner.opId);
  const own = {
    [TAG.hostKey]: hostKey.label,
    [TAG.image]: String(image),
    [TAG.sshKeys]: keys.map(key => key.KeyPairId).join(' '),
    [TAG.publicIp]: String(publicIp ?? true),
  };
  return {
    MinCount: 1,
    MaxCount: 1,
    InstanceType: String(size) as 't3.micro',
    ImageId: await imageId(call, { image: String(image), size: String(size) }),
    ...(keys[0] === undefined ? {} : { KeyName: keys[0].KeyName }),
    UserData: Buffer.from(userDataOf(call, { spec, hostKey, keys })).toString('base64'),
    NetworkInterfaces: [await networkInterface(call, spec)],
    Placement: {
      ...(zone === undefined ? {} : { AvailabilityZone: String(zone) }),
      ...(placementGroup === undefined ? {} : { GroupId: String(placementGroup) }),
    },
    MetadataOptions: { HttpTokens: 'required' as const, HttpEndpoint: 'enabled' as const },
    DisableApiTermination: protect,
    TagSpecifications: [{ ResourceType: 'instance' as const, Tags: newTags(request, own) }],
  };
}

/** The one network card of a server, with the firewalls as they are called in its network. */
async function networkInterface(call: Call, spec: Spec) {
  const subnetId = spec['subnet'] === undefined ? undefined : String(spec['subnet']);
  const firewalls = (spec['firewalls'] ?? []) as readonly string[];
  const [subnet] = subnetId === undefined ? [] : await subnets(call, { by: 'ids', ids: [subnetId] });
  if (subnetId !== undefined && subnet === undefined) throw invalid(call.what, 'no_subnet', 'the subnet is not there');
  const groups = firewalls.length === 0 ? [] : await groupsIn(call, firewalls, subnet?.VpcId ?? null);
  return {
    DeviceIndex: 0,
    DeleteOnTermination: true,
    AssociatePublicIpAddress: spec['publicIp'] !== false,
    ...(subnetId === undefined ? {} : { SubnetId: subnetId }),
    ...(groups.length === 0 ? {} : { Groups: [...groups] }),
  };
}

async function keysOf(call: Call, spec: Spec): Promise<readonly KeyPair[]> {
  const ids = [...((spec['sshKeys'] ?? []) as readonly string[])].sort();
  if (ids.length === 0) return [];
  if (ids.length > MOST_KEYS) throw invalid(call.what, 'too_many_keys', `a server takes at most ${MOST_KEYS} SSH keys`);
  const found = await keyPairs(call, { by: 'ids', ids });
  return ids.map(id => {
    const key = found.find(pair => pair.KeyPairId === id);
    if (key === undefined) throw invalid(call.what, 'no_key', 'one of the SSH keys is not there');
    return key;
  });
}

/** EC2 itself takes one key; the others come with the user data. */
function userDataOf(
  call: Call,
  { spec, hostKey, keys }: { readonly spec: Spec; readonly hostKey: HostKey; readonly keys: readonly KeyPair[] },
): string {
  const own = spec['userData'] === undefined ? undefined : String(spec['userData']);
  const more = keys.slice(1).map(key => key.PublicKey?.trim() ?? '');
  const text = cloudInitOf(hostKey, more.length === 0 ? own : withKeys(more, own));
  if (Buffer.byteLength(text) > USER_DATA_BYTES) {
    const why = `the user data and the host key together are longer than the ${USER_DATA_BYTES} bytes that EC2 takes`;
    throw invalid(call.what, 'user_data_too_long', why);
  }
  return text;
}

/** The further keys, and the user's own document after them, as one message of two parts. */
function withKeys(keys: readonly string[], own: string | undefined): string {
  const lines = keys.map(key => `  - ${JSON.stringify(key)}\n`).join('');
  const config = `#cloud-config\nssh_authorized_keys:\n${lines}`;
  if (own === undefined || own === '') return config;
  const type = own.startsWith('#!') ? 'text/x-shellscript' : 'text/cloud-config';
  const parts = [
    ['text/cloud-config', config],
    [type, own],
  ].map(([kind, text]) => `--keys-and-own\nContent-Type: ${kind}; charset="utf-8"\nMIME-Version: 1.0\n\n${text}\n`);
  return `Content-Type: multipart/mixed; boundary="keys-and-own"\nMIME-Version: 1.0\n\n${parts.join('')}--keys-and-own--\n`;
}
