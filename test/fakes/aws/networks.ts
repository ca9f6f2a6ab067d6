import { newGroup } from './groups.ts';
import { maybeText, record, text } from './input.ts';
import {
  type Actions,
  type Gateway,
  Refusal,
  type RouteTable,
  type Settings,
  type State,
  type Subnet,
  type Turn,
  type Vpc,
} from './model.ts';
import { assertRoom, drop, known, live, make, newId, shown, tagSet, tagsIn } from './objects.ts';
import { type Filterable, filterOf, page } from './pages.ts';
import { canonical, isInside, overlaps, rangeOf } from './ranges.ts';

/** A VPC comes with a main route table and with a group that is called default. */
export function networkWith(
  turn: Turn,
  { cidr, tags, isDefault }: { readonly cidr: string; readonly tags: Vpc['tags']; readonly isDefault: boolean },
): Vpc {
  const { state } = turn;
  const vpc = make(turn, state.vpcs, { id: newId(state, 'vpc'), tags, own: { cidr, isDefault, hostNames: isDefault } });
  // What comes along is never late: only the VPC itself may be hidden by a fault.
  const plain = { ...turn, bend: {} };
  const routes = [{ cidr, gateway: 'local' }];
  make(plain, state.routeTables, { id: newId(state, 'rtb'), own: { vpc: vpc.id, routes } });
  newGroup(plain, { name: 'default', description: 'default VPC security group', vpc: vpc.id, tags: {} });
  return vpc;
}

export const vpcOf = (state: State, id: string | undefined): Vpc => known(state.vpcs, id, 'InvalidVpcID.NotFound');
const gatewayOf = (state: State, id: string): Gateway => known(state.gateways, id, 'InvalidInternetGatewayID.NotFound');
export const subnetOf = (state: State, id: string | undefined): Subnet =>
  known(state.subnets, id, 'InvalidSubnetID.NotFound');

export function zoneOf(settings: Settings, zone: string | undefined): string {
  const found = zone === undefined ? settings.zones[0] : settings.zones.find(one => one === zone);
  if (found === undefined) throw new Refusal('InvalidParameterValue');
  return found;
}

/** Whether what is in the VPC can be reached from the internet. */
export function isOnline(state: State, vpc: string): boolean {
  return live(state.gateways).some(one => one.vpc === vpc);
}

export const VPCS: Actions = {
  CreateVpc(turn) {
    const { input } = turn;
    const cidr = canonical(text(input, 'CidrBlock'));
    const { size } = rangeOf(cidr, 'InvalidParameterValue');
    if (size > 2 ** 16 || size < 2 ** 4) throw new Refusal('InvalidVpc.Range');
    assertRoom(turn, 'vpcs');
    const vpc = networkWith(turn, { cidr, tags: tagsIn(input), isDefault: false });
    return { Vpc: { VpcId: vpc.id, CidrBlock: cidr, State: 'pending', IsDefault: false, Tags: tagSet(vpc) } };
  },
  DescribeVpcs(turn) {
    const fits = filterOf<Vpc>(turn.input, { 'vpc-id': one => one.id, isDefault: one => one.isDefault });
    return page(turn, shown(turn, turn.state.vpcs).filter(fits), {
      field: 'Vpcs',
      sizes: [5, 1_000],
      show: one => ({
        VpcId: one.id,
        CidrBlock: one.cidr,
        State: 'available',
        IsDefault: one.isDefault,
        Tags: tagSet(one),
      }),
    });
  },
  ModifyVpcAttribute({ state, input }) {
    vpcOf(state, text(input, 'VpcId')).hostNames = record(input, 'EnableDnsHostnames')['Value'] === true;
    return {};
  },
  DeleteVpc(turn) {
    const { state, input } = turn;
    const vpc = vpcOf(state, text(input, 'VpcId'));
    const isIn = (one: { readonly vpc: string | null }): boolean => one.vpc === vpc.id;
    const groups = live(state.groups).filter(isIn);
    const isUsed =
      live(state.subnets).some(isIn) || live(state.gateways).some(isIn) || groups.some(one => one.name !== 'default');
    if (isUsed) throw new Refusal('DependencyViolation');
    for (const one of [...groups, ...live(state.routeTables).filter(isIn)]) one.goneAt = turn.now;
    drop(turn, vpc);
    return {};
  },
};

const TABLES: Filterable<RouteTable> = { 'vpc-id': one => one.vpc, 'association.main': () => true };

export const GATEWAYS: Actions = {
  CreateInternetGateway(turn) {
    const { state, input } = turn;
    const made = make(turn, state.gateways, { id: newId(state, 'igw'), tags: tagsIn(input), own: { vpc: null } });
    return { InternetGateway: { InternetGatewayId: made.id, Attachments: [], Tags: tagSet(made) } };
  },
  AttachInternetGateway({ state, input }) {
    const gateway = gatewayOf(state, text(input, 'InternetGatewayId'));
    const vpc = vpcOf(state, text(input, 'VpcId'));
    if (gateway.vpc !== null || isOnline(state, vpc.id)) throw new Refusal('Resource.AlreadyAssociated');
    gateway.vpc = vpc.id;
    return {};
  },
  DetachInternetGateway({ state, input }) {
    const gateway = gatewayOf(state, text(input, 'InternetGatewayId'));
    const vpc = text(input, 'VpcId');
    if (gateway.vpc !== vpc) throw new Refusal('Gateway.NotAttached');
    const isMapped = live(state.instances).some(
      one => one.vpc === vpc && one.state !== 'terminated' && (one.publicIp !== null || hasAddress(state, one.id)),
    );
    if (isMapped) throw new Refusal('DependencyViolation');
    gateway.vpc = null;
    return {};
  },
  DeleteInternetGateway(turn) {
    const gateway = gatewayOf(turn.state, text(turn.input, 'InternetGatewayId'));
    if (gateway.vpc !== null) throw new Refusal('DependencyViolation');
    drop(turn, gateway);
    return {};
  },
  DescribeInternetGateways(turn) {
    const fits = filterOf<Gateway>(turn.input, {
      'attachment.vpc-id': one => one.vpc,
      'internet-gateway-id': one => one.id,
    });
    return page(turn, shown(turn, turn.state.gateways).filter(fits), {
      field: 'InternetGateways',
      sizes: [5, 1_000],
      show: one => ({
        InternetGatewayId: one.id,
        Attachments: one.vpc === null ? [] : [{ VpcId: one.vpc, State: 'available' }],
        Tags: tagSet(one),
      }),
    });
  },
  DescribeRouteTables(turn) {
    return page(turn, shown(turn, turn.state.routeTables).filter(filterOf(turn.input, TABLES)), {
      field: 'RouteTables',
      sizes: [5, 100],
      show: one => ({
        RouteTableId: one.id,
        VpcId: one.vpc,
        Associations: [{ Main: true, RouteTableId: one.id }],
        Routes: one.routes.map(route => ({ DestinationCidrBlock: route.cidr, GatewayId: route.gateway })),
        Tags: tagSet(one),
      }),
    });
  },
  CreateRoute({ state, input }) {
    const table = known(state.routeTables, text(input, 'RouteTableId'), 'InvalidRouteTableID.NotFound');
    const gateway = gatewayOf(state, text(input, 'GatewayId'));
    const cidr = text(input, 'DestinationCidrBlock');
    if (gateway.vpc !== table.vpc) throw new Refusal('InvalidParameterValue');
    if (table.routes.some(route => route.cidr === cidr)) throw new Refusal('RouteAlreadyExists');
    table.routes.push({ cidr, gateway: gateway.id });
    return { Return: true };
  },
};

function hasAddress(state: State, instance: string): boolean {
  return live(state.addresses).some(one => one.instance === instance);
}

export const SUBNETS: Actions = {
  CreateSubnet(turn) {
    const { state, settings, input } = turn;
    const vpc = vpcOf(state, text(input, 'VpcId'));
    const cidr = canonical(text(input, 'CidrBlock'));
    const range = rangeOf(cidr, 'InvalidParameterValue');
    if (!isInside(range, rangeOf(vpc.cidr, 'InvalidParameterValue'))) throw new Refusal('InvalidSubnet.Range');
    if (range.size < 2 ** 4) throw new Refusal('InvalidSubnet.Range');
    const others = live(state.subnets).filter(one => one.vpc === vpc.id);
    const isTaken = others.some(one => overlaps(range, rangeOf(one.cidr, 'InvalidParameterValue')));
    if (isTaken) throw new Refusal('InvalidSubnet.Conflict');
    assertRoom(turn, 'subnets');
    const own = { vpc: vpc.id, cidr, zone: zoneOf(settings, maybeText(input, 'AvailabilityZone')) };
    const made = make(turn, state.subnets, { id: newId(state, 'subnet'), tags: tagsIn(input), own });
    return { Subnet: { ...shownSubnet(made), State: 'pending' } };
  },
  DescribeSubnets(turn) {
    const fits = filterOf<Subnet>(turn.input, { 'subnet-id': one => one.id, 'vpc-id': one => one.vpc });
    const found = shown(turn, turn.state.subnets).filter(fits);
    return page(turn, found, { field: 'Subnets', sizes: [5, 1_000], show: shownSubnet });
  },
  DeleteSubnet(turn) {
    const { state, now } = turn;
    const subnet = subnetOf(state, text(turn.input, 'SubnetId'));
    const isUsed =
      live(state.instances).some(one => one.subnet === subnet.id && one.state !== 'terminated') ||
      Object.values(state.balancers).some(
        one => one.subnet === subnet.id && (one.goneAt === null || one.usedUntil > now),
      );
    if (isUsed) throw new Refusal('DependencyViolation');
    drop(turn, subnet);
    return {};
  },
};

function shownSubnet(one: Subnet) {
  return {
    SubnetId: one.id,
    VpcId: one.vpc,
    CidrBlock: one.cidr,
    AvailabilityZone: one.zone,
    State: 'available',
    Tags: tagSet(one),
  };
}
