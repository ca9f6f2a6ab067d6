import { z } from 'zod';
import { type Call, ec2 } from './client.ts';
import type { AwsKind, Sighting, Where } from './kind.ts';
import { Id, Word, allPages, eachFilter, filtersFor, listOf } from './pages.ts';
import { assertCanonical } from './ranges.ts';
import { Nothing } from './retag.ts';
import { unlessGone } from './settle.ts';
import { Tags, newTags } from './tags.ts';

const Subnet = z.object({
  SubnetId: Id,
  VpcId: Id,
  CidrBlock: Word,
  AvailabilityZone: Word,
  State: Word,
  Tags,
});
export type Subnet = z.infer<typeof Subnet>;
const Reply = z.object({ Subnets: listOf(Subnet), NextToken: Word });

export async function subnets(
  call: Call,
  where: Where | { readonly by: 'vpc'; readonly id: string },
): Promise<readonly Subnet[]> {
  const sets = where.by === 'vpc' ? [[{ Name: 'vpc-id', Values: [where.id] }]] : filtersFor(where, { id: 'subnet-id' });
  return eachFilter(sets, Filters =>
    allPages(
      call,
      (one: Subnet) => one.SubnetId,
      async NextToken => {
        const reply = await ec2(call, 'DescribeSubnets', { Filters, NextToken, MaxResults: 1_000 }, Reply);
        return { items: reply.Subnets, next: reply.NextToken };
      },
    ),
  );
}

/** Parts of a network in one zone. Whether a server gets a public address is said by the server, so that the subnet's own default is left alone. */
export const subnet: AwsKind = {
  tagger: 'ec2',
  sight: async (call, _account, where) => (await subnets(call, where)).map(sighted),
  async create(call, _account, request) {
    const { network, ipRange, zone } = request.spec;
    assertCanonical(call, String(ipRange));
    const input = {
      VpcId: String(network),
      CidrBlock: String(ipRange),
      ...(zone === undefined ? {} : { AvailabilityZone: String(zone) }),
      TagSpecifications: [{ ResourceType: 'subnet' as const, Tags: newTags(request) }],
    };
    const reply = z.object({ Subnet: z.object({ SubnetId: Id }) });
    return (await ec2(call, 'CreateSubnet', input, reply, { main: true })).Subnet.SubnetId;
  },
  converge: (_call, _account, seen) => Promise.resolve(seen.phase === 'ready' ? 'done' : 'wait'),
  async remove(call, _account, seen) {
    await unlessGone(ec2(call, 'DeleteSubnet', { SubnetId: seen.id }, Nothing, { main: true }));
    return 'done';
  },
};

function sighted(one: Subnet): Sighting {
  const ipRange = one.CidrBlock ?? '';
  return {
    id: one.SubnetId,
    tags: one.Tags,
    nativeName: one.SubnetId,
    spec: { network: one.VpcId, ipRange, zone: one.AvailabilityZone ?? '' },
    outputs: { ipRange, gateway: gatewayOf(ipRange) },
    phase: one.State === 'available' ? 'ready' : 'pending',
    createdAt: 0,
    attached: false,
    carriers: [one.SubnetId],
    facts: null,
  };
}

/** The router of a subnet has its first address. */
function gatewayOf(ipRange: string): string | null {
  const bytes = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/\d+$/.exec(ipRange)?.slice(1).map(Number);
  if (bytes === undefined) return null;
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return `${a}.${b}.${c}.${d + 1}`;
}
