import { z } from 'zod';
import { ownerLabels } from '../../schemas/owner.ts';
import type { CreateRequest } from '../../schemas/provider.ts';
import { type Account, invalid } from './account.ts';
import { type Call, ec2 } from './client.ts';
import { fault } from './errors.ts';
import { copiesIn } from './firewall-copies.ts';
import type { Goal } from '../course/goal.ts';
import type { AwsKind, Sighting, Step, Where } from './kind.ts';
import { type Filters, Id, Word, allPages, chunks, eachFilter, filtersFor, listOf } from './pages.ts';
import { Nothing, putTags } from './retag.ts';
import { assertCanonical } from './ranges.ts';
import { unlessGone } from './settle.ts';
import { subnets } from './subnet.ts';
import { TAG, Tags, newTags, tagList } from './tags.ts';

const Vpc = z.object({ VpcId: Id, CidrBlock: Word, State: Word, IsDefault: z.boolean().nullish(), Tags });
type Vpc = z.infer<typeof Vpc>;
const Gateway = z.object({ InternetGatewayId: Id, Attachments: listOf(z.object({ VpcId: Word })), Tags });
type Gateway = z.infer<typeof Gateway>;
const Table = z.object({
  RouteTableId: Id,
  VpcId: Id,
  Associations: listOf(z.object({ Main: z.boolean().nullish() })),
  Routes: listOf(z.object({ DestinationCidrBlock: Word, GatewayId: Word })),
  Tags,
});
type Table = z.infer<typeof Table>;

/** What belongs to a VPC of ours besides itself. */
interface Parts {
  /** It was made by us with all parts; one that was adopted has what its owner gave it. */
  readonly isWhole: boolean;
  readonly gateway: { readonly id: string; readonly isAttached: boolean } | null;
  readonly tableId: string | null;
}

const EVERYWHERE = '0.0.0.0/0';
const WHOLE = 'network';
const gatewayPart = (vpc: string): string => `internet-gateway.${vpc}`;
const tablePart = (vpc: string): string => `routes.${vpc}`;

/**
 * A VPC with an internet gateway, host names, and a route to the internet in its main table. The parts are made one
 * after the other, and each is tagged as a part of this VPC; the tag of the route table comes last and says that all is there.
 */
export const network: AwsKind<Parts> = {
  tagger: 'ec2',
  async sight(call, _account, where) {
    const all = await vpcs(call, where);
    // The default network of a region is nobody's to import.
    const found = where.by === 'all' ? all.filter(vpc => vpc.IsDefault !== true) : all;
    const ids = where.by === 'all' ? null : found.map(vpc => vpc.VpcId);
    const gateways = await partsOf(call, {
      ids,
      part: gatewayPart,
      ask: gatewayPage,
      idOf: one => one.InternetGatewayId,
    });
    const tables = await partsOf(call, { ids, part: tablePart, ask: tablePage, idOf: one => one.RouteTableId });
    return found.map(vpc => sighted(vpc, gateways, tables));
  },
  async create(call, account, request) {
    assertCanonical(call, String(request.spec['ipRange']));
    const input = {
      CidrBlock: String(request.spec['ipRange']),
      TagSpecifications: [
        {
          ResourceType: 'vpc' as const,
          Tags: newTags(request, { [TAG.part]: WHOLE, [TAG.zone]: zoneOf(call, account, request) }),
        },
      ],
    };
    const reply = z.object({ Vpc: z.object({ VpcId: Id }) });
    return (await ec2(call, 'CreateVpc', input, reply, { main: true })).Vpc.VpcId;
  },
  converge: (call, _account, seen, goal) => completed(call, seen, goal),
  async remove(call, _account, seen) {
    if ((await subnets(call, { by: 'vpc', id: seen.id })).length > 0) {
      throw fault('dependency', 'has_subnets', call.what, { why: 'it still has subnets' });
    }
    for (const GroupId of await copiesIn(call, seen.id)) {
      await unlessGone(ec2(call, 'DeleteSecurityGroup', { GroupId }, Nothing));
    }
    const { gateway } = seen.facts;
    if (gateway !== null) {
      const InternetGatewayId = gateway.id;
      if (gateway.isAttached) await ec2(call, 'DetachInternetGateway', { InternetGatewayId, VpcId: seen.id }, Nothing);
      await unlessGone(ec2(call, 'DeleteInternetGateway', { InternetGatewayId }, Nothing));
    }
    await unlessGone(ec2(call, 'DeleteVpc', { VpcId: seen.id }, Nothing, { main: true }));
    return 'done';
  },
};

/** A VPC is in all zones of its region: what the files say is remembered, when it is the region or one of its zones. */
function zoneOf(call: Call, account: Account, request: CreateRequest): string | undefined {
  const { zone } = request.spec;
  if (zone === undefined) return undefined;
  const { region } = account.config;
  if (String(zone).startsWith(region)) return String(zone);
  throw invalid(
    call.what,
    'wrong_zone',
    `a network of AWS is in all zones of ${region}, so that no other zone can be given`,
  );
}

/** Makes the first part that is missing. */
async function completed(call: Call, seen: Sighting<Parts>, goal: Goal): Promise<Step> {
  const { facts, id: VpcId } = seen;
  if (!facts.isWhole || (facts.gateway?.isAttached === true && facts.tableId !== null)) {
    return seen.phase === 'ready' ? 'done' : 'wait';
  }
  const { gateway } = facts;
  const tags = (part: string) => ({ ...ownerLabels(goal.owner), [TAG.part]: part });
  if (gateway === null) {
    await ec2(call, 'ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } }, Nothing);
    const TagSpecifications = [{ ResourceType: 'internet-gateway' as const, Tags: tagList(tags(gatewayPart(VpcId))) }];
    await ec2(call, 'CreateInternetGateway', { TagSpecifications }, Nothing);
    return 'wrote';
  }
  if (!gateway.isAttached) {
    await ec2(call, 'AttachInternetGateway', { InternetGatewayId: gateway.id, VpcId }, Nothing);
    return 'wrote';
  }
  const table = await mainTable(call, VpcId);
  if (table === undefined) return 'wait';
  const RouteTableId = table.RouteTableId;
  if (!table.Routes.some(route => route.DestinationCidrBlock === EVERYWHERE)) {
    const route = { RouteTableId, DestinationCidrBlock: EVERYWHERE, GatewayId: gateway.id };
    await ec2(call, 'CreateRoute', route, Nothing);
  }
  await putTags(call, { tagger: 'ec2', ids: [RouteTableId], tags: tags(tablePart(VpcId)) });
  return 'wrote';
}

async function mainTable(call: Call, vpcId: string): Promise<Table | undefined> {
  const filters = [
    { Name: 'vpc-id', Values: [vpcId] },
    { Name: 'association.main', Values: ['true'] },
  ];
  const [table] = await allPages(
    call,
    (one: Table) => one.RouteTableId,
    next => tablePage(call, filters, next),
  );
  return table;
}

function vpcs(call: Call, where: Where): Promise<readonly Vpc[]> {
  const reply = z.object({ Vpcs: listOf(Vpc), NextToken: Word });
  return eachFilter(filtersFor(where, { id: 'vpc-id' }), Filters =>
    allPages(
      call,
      (vpc: Vpc) => vpc.VpcId,
      async NextToken => {
        const page = await ec2(call, 'DescribeVpcs', { Filters, NextToken, MaxResults: 1_000 }, reply);
        return { items: page.Vpcs, next: page.NextToken };
      },
    ),
  );
}

async function gatewayPage(call: Call, filters: Filters, NextToken: string | undefined) {
  const reply = z.object({ InternetGateways: listOf(Gateway), NextToken: Word });
  const input = { Filters: filters, NextToken, MaxResults: 1_000 };
  const page = await ec2(call, 'DescribeInternetGateways', input, reply);
  return { items: page.InternetGateways, next: page.NextToken };
}

async function tablePage(call: Call, filters: Filters, NextToken: string | undefined) {
  const reply = z.object({ RouteTables: listOf(Table), NextToken: Word });
  const page = await ec2(call, 'DescribeRouteTables', { Filters: filters, NextToken, MaxResults: 100 }, reply);
  return { items: page.RouteTables, next: page.NextToken };
}

interface PartQuery<T> {
  /** Of these VPCs; null for all. */
  readonly ids: readonly string[] | null;
  readonly part: (vpc: string) => string;
  readonly ask: (
    call: Call,
    filters: Filters,
    next: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly next?: string | null | undefined }>;
  readonly idOf: (item: T) => string;
}

/** The parts of one sort, by the tag that says of which VPC they are. */
async function partsOf<T>(call: Call, { ids, part, ask, idOf }: PartQuery<T>): Promise<readonly T[]> {
  const sets: Filters[] =
    ids === null
      ? [[{ Name: 'tag-key', Values: [TAG.part] }]]
      : chunks(ids.map(part), 200).map(Values => [{ Name: `tag:${TAG.part}`, Values }]);
  return eachFilter(sets, filters => allPages(call, idOf, next => ask(call, filters, next)));
}

function sighted(vpc: Vpc, gateways: readonly Gateway[], tables: readonly Table[]): Sighting<Parts> {
  const { VpcId: id, Tags: tags } = vpc;
  const gateway = gateways.find(one => one.Tags[TAG.part] === gatewayPart(id));
  const table = tables.find(one => one.Tags[TAG.part] === tablePart(id) && one.VpcId === id);
  const isAttached = gateway?.Attachments.some(one => one.VpcId === id) === true;
  const isWhole = tags[TAG.part] === WHOLE;
  const isComplete = !isWhole || (isAttached && table !== undefined);
  const ipRange = vpc.CidrBlock ?? '';
  const zone = tags[TAG.zone];
  const parts = [gateway?.InternetGatewayId, table?.RouteTableId].filter(part => part !== undefined);
  return {
    id,
    tags,
    nativeName: id,
    spec: { ipRange, ...(zone === undefined ? {} : { zone }) },
    outputs: { ipRange },
    phase: vpc.State === 'available' && isComplete ? 'ready' : 'pending',
    createdAt: 0,
    attached: false,
    carriers: [id, ...parts],
    facts: {
      isWhole,
      gateway: gateway === undefined ? null : { id: gateway.InternetGatewayId, isAttached },
      tableId: table?.RouteTableId ?? null,
    },
  };
}
