import { z } from 'zod';
import type { CreateRequest } from '../../schemas/provider.ts';
import { type Account, invalid } from './account.ts';
import { type Call, ec2 } from './client.ts';
import type { AwsKind, Sighting, Where } from './kind.ts';
import { Id, Word, eachFilter, filtersFor, listOf } from './pages.ts';
import { Nothing } from './retag.ts';
import { unlessGone } from './settle.ts';
import { TAG, Tags, newTags } from './tags.ts';

const Address = z.object({ AllocationId: Id, PublicIp: Word, InstanceId: Word, AssociationId: Word, Tags });
type Address = z.infer<typeof Address>;

interface Facts {
  readonly associationId: string | null;
}

/** Addresses have no pages. */
async function addresses(call: Call, where: Where): Promise<readonly Address[]> {
  const reply = z.object({ Addresses: listOf(Address) });
  return eachFilter(filtersFor(where, { id: 'allocation-id' }), async Filters => {
    return (await ec2(call, 'DescribeAddresses', { Filters }, reply)).Addresses;
  });
}

/** Elastic IP addresses. */
export const floatingIp: AwsKind<Facts> = {
  tagger: 'ec2',
  sight: async (call, _account, where) => (await addresses(call, where)).map(sighted),
  async create(call, account, request) {
    assertOffered(call, account, request);
    const own = { [TAG.zone]: request.spec['zone'] === undefined ? undefined : String(request.spec['zone']) };
    const input = {
      Domain: 'vpc' as const,
      TagSpecifications: [{ ResourceType: 'elastic-ip' as const, Tags: newTags(request, own) }],
    };
    return (await ec2(call, 'AllocateAddress', input, z.object({ AllocationId: Id }), { main: true })).AllocationId;
  },
  async converge(call, _account, seen, goal) {
    if (!goal.fields.includes('server')) return 'done';
    const wanted = goal.spec['server'] ?? null;
    if (wanted === seen.spec['server']) return 'done';
    if (wanted !== null) {
      const input = { AllocationId: seen.id, InstanceId: String(wanted), AllowReassociation: true };
      await ec2(call, 'AssociateAddress', input, z.object({ AssociationId: Id }));
    } else if (seen.facts.associationId !== null) {
      await unlessGone(ec2(call, 'DisassociateAddress', { AssociationId: seen.facts.associationId }, Nothing));
    }
    return 'wrote';
  },
  async remove(call, _account, seen) {
    const { associationId } = seen.facts;
    if (associationId !== null)
      await unlessGone(ec2(call, 'DisassociateAddress', { AssociationId: associationId }, Nothing));
    await unlessGone(ec2(call, 'ReleaseAddress', { AllocationId: seen.id }, Nothing, { main: true }));
    return 'done';
  },
};

function assertOffered(call: Call, account: Account, { spec }: CreateRequest): void {
  const { version, zone } = spec;
  if (version === 'ipv6') throw invalid(call.what, 'ipv6_address', 'an elastic IP address of AWS is always IPv4');
  const { region } = account.config;
  if (zone !== undefined && !String(zone).startsWith(region)) {
    throw invalid(call.what, 'wrong_zone', `an elastic IP address belongs to all zones of ${region}`);
  }
}

function sighted(one: Address): Sighting<Facts> {
  const zone = one.Tags[TAG.zone];
  const server = one.InstanceId === undefined || one.InstanceId === '' ? null : one.InstanceId;
  const associationId = one.AssociationId === undefined || one.AssociationId === '' ? null : one.AssociationId;
  return {
    id: one.AllocationId,
    tags: one.Tags,
    nativeName: one.AllocationId,
    spec: { version: 'ipv4', server, ...(zone === undefined ? {} : { zone }) },
    outputs: { ip: one.PublicIp ?? null },
    phase: 'ready',
    createdAt: 0,
    attached: associationId !== null,
    carriers: [one.AllocationId],
    facts: { associationId },
  };
}
