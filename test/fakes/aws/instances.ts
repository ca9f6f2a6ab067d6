import { groupOf } from './groups.ts';
import { isSet, maybeText, record, records, text, texts } from './input.ts';
import {
  type Actions,
  type Fields,
  type Instance,
  OWNER,
  Refusal,
  type State,
  type Subnet,
  type Turn,
} from './model.ts';
import { isOnline, subnetOf } from './networks.ts';
import { assertRoom, known, later, live, make, newId, shown, tagSet, tagsIn } from './objects.ts';
import { filterOf, page } from './pages.ts';
import { addressAt, rangeOf } from './ranges.ts';

const USER_DATA_BYTES = 16_384;
/** Servers that a group of different hardware takes in one zone. */
const SPREAD = 7;
/** How long a server is shown after its end. */
const MEMORY_MS = 3_600_000;
const CODES: { readonly [state: string]: number } = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const instanceOf = (state: State, id: string): Instance =>
  known(state.instances, id, 'InvalidInstanceID.NotFound');

export const INSTANCES: Actions = {
  RunInstances(turn) {
    const { state, input } = turn;
    const token = maybeText(input, 'ClientToken') ?? newId(state, 'token');
    const request = JSON.stringify(input);
    const twin = Object.values(state.instances).find(one => one.token === token);
    if (twin !== undefined && twin.request !== request) throw new Refusal('IdempotentParameterMismatch');
    const made = twin ?? launched(turn, token, request);
    return { ReservationId: 'r-00000000000000001', OwnerId: OWNER, Instances: [shownInstance(turn, made)] };
  },
  DescribeInstances(turn) {
    const { state, now } = turn;
    const fits = filterOf<Instance>(turn.input, {
      'instance-id': one => one.id,
      'client-token': one => one.token,
      'instance-state-name': one => one.state,
    });
    const found = shown(turn, state.instances).filter(
      one => (one.endedAt === null || one.endedAt + MEMORY_MS > now) && fits(one),
    );
    const told = turn.bend.isHalf === true ? found.slice(0, -1) : found;
    return page(turn, told, {
      field: 'Reservations',
      sizes: [5, 1_000],
      show: one => ({ ReservationId: 'r-00000000000000001', Instances: [shownInstance(turn, one)] }),
    });
  },
  TerminateInstances(turn) {
    for (const one of named(turn)) {
      if (one.isGuarded) throw new Refusal('OperationNotPermitted');
      terminate(turn, one);
    }
    return { TerminatingInstances: [] };
  },
  StopInstances(turn) {
    for (const one of named(turn)) {
      if (one.state === 'stopped' || one.state === 'stopping') continue;
      if (one.state !== 'running') throw new Refusal('IncorrectInstanceState');
      later(turn, one, { state: 'stopping' }, { state: 'stopped' });
    }
    return { StoppingInstances: [] };
  },
  StartInstances(turn) {
    for (const one of named(turn)) {
      if (one.state === 'running' || one.state === 'pending') continue;
      if (one.state !== 'stopped') throw new Refusal('IncorrectInstanceState');
      assertStock(turn, one.size);
      later(turn, one, { state: 'pending' }, { state: 'running' });
    }
    return { StartingInstances: [] };
  },
  ModifyInstanceAttribute({ state, settings, input }) {
    const one = instanceOf(state, text(input, 'InstanceId'));
    const size = maybeText(record(input, 'InstanceType'), 'Value');
    if (size !== undefined) {
      if (one.state !== 'stopped') throw new Refusal('IncorrectInstanceState');
      if (!settings.sizes.includes(size)) throw new Refusal('InvalidParameterValue');
      one.size = size;
    }
    if (input['Groups'] !== undefined) one.groups = groupsIn(state, texts(input, 'Groups'), one.vpc);
    if (input['DisableApiTermination'] !== undefined)
      one.isGuarded = isSet(record(input, 'DisableApiTermination'), 'Value');
    return {};
  },
};

function named({ state, input }: Turn): Instance[] {
  return texts(input, 'InstanceIds').map(id => instanceOf(state, id));
}

function launched(turn: Turn, token: string, request: string): Instance {
  const { state, settings, input, bend } = turn;
  const size = text(input, 'InstanceType');
  const image = text(input, 'ImageId');
  const key = maybeText(input, 'KeyName');
  const userData = maybeText(input, 'UserData') ?? '';
  if (!settings.sizes.includes(size)) throw new Refusal('InvalidParameterValue');
  if (!/^ami-[0-9a-f]{8,17}$/.test(image)) throw new Refusal('InvalidAMIID.Malformed');
  if (key !== undefined && !live(state.keys).some(one => one.name === key))
    throw new Refusal('InvalidKeyPair.NotFound');
  if (Buffer.from(userData, 'base64').length > USER_DATA_BYTES) throw new Refusal('InvalidParameterValue');
  const [card = {}] = records(input, 'NetworkInterfaces');
  const placement = record(input, 'Placement');
  const subnet = subnetFor(turn, maybeText(card, 'SubnetId'), maybeText(placement, 'AvailabilityZone'));
  const groups = groupsIn(state, texts(card, 'Groups'), subnet.vpc);
  const privateIp = freeAddress(state, subnet);
  assertSpread(state, maybeText(placement, 'GroupId'), subnet.zone);
  assertRoom(turn, 'instances');
  assertStock(turn, size);
  const id = newId(state, 'i');
  const own = {
    token,
    request,
    image,
    key,
    userData,
    size,
    groups,
    privateIp,
    subnet: subnet.id,
    vpc: subnet.vpc,
    zone: subnet.zone,
    placement: maybeText(placement, 'GroupId'),
    publicIp: isSet(card, 'AssociatePublicIpAddress') ? `203.0.113.${(state.serial % 250) + 1}` : null,
    metadata: record(input, 'MetadataOptions'),
    isGuarded: isSet(input, 'DisableApiTermination'),
    reason: null,
    endedAt: null,
    shown: null,
    next: null,
    state: 'pending',
  };
  const made = make(turn, state.instances, { id, tags: tagsIn(input), own });
  const ended = { state: 'terminated', reason: 'Server.InternalError', endedAt: turn.now + settings.actionMs };
  later<Instance>(turn, made, {}, bend.fails === true ? ended : { state: 'running' });
  return made;
}

/** The subnet that is asked for, or the one of the network that every account has. */
function subnetFor({ state }: Turn, id: string | undefined, zone: string | undefined): Subnet {
  const isFree = (one: Subnet): boolean => state.vpcs[one.vpc]?.isDefault === true;
  const found =
    id === undefined
      ? live(state.subnets).find(one => isFree(one) && (zone === undefined || one.zone === zone))
      : subnetOf(state, id);
  if (found === undefined) throw new Refusal('MissingInput');
  if (zone !== undefined && zone !== found.zone) throw new Refusal('InvalidParameterValue');
  return found;
}

/** Groups of one network; without any it is the one that every network has. */
function groupsIn(state: State, ids: readonly string[], vpc: string): string[] {
  if (ids.length > 5) throw new Refusal('SecurityGroupsPerInstanceLimitExceeded');
  const found = ids.map(id => groupOf(state, id));
  if (found.some(group => group.vpc !== vpc)) throw new Refusal('InvalidGroup.NotFound');
  if (found.length > 0) return found.map(group => group.id);
  const home = live(state.groups).find(group => group.vpc === vpc && group.name === 'default');
  return home === undefined ? [] : [home.id];
}

/** AWS keeps the first four addresses of a subnet and the last one. */
function freeAddress(state: State, subnet: Subnet): string {
  const { first, size } = rangeOf(subnet.cidr, 'InvalidParameterValue');
  const inside = live(state.instances).filter(one => one.subnet === subnet.id && one.state !== 'terminated');
  const used = new Set(inside.map(one => one.privateIp));
  for (let at = 4; at < size - 1; at += 1) if (!used.has(addressAt(first + at))) return addressAt(first + at);
  throw new Refusal('InsufficientFreeAddressesInSubnet');
}

function assertSpread(state: State, id: string | undefined, zone: string): void {
  if (id === undefined) return;
  const { strategy } = known(state.placements, id, 'InvalidPlacementGroup.Unknown');
  const inside = live(state.instances).filter(
    one => one.placement === id && one.zone === zone && one.state !== 'terminated',
  );
  if (strategy === 'spread' && inside.length >= SPREAD) throw new Refusal('InsufficientInstanceCapacity', 500);
}

/** Refuses a size that is sold out: what runs or is about to takes hardware. */
function assertStock({ state, settings }: Turn, size: string): void {
  const stock = settings.stock[size];
  const used = live(state.instances).filter(one => one.size === size && /running|pending/.test(one.state)).length;
  if (stock !== undefined && used >= stock) throw new Refusal('InsufficientInstanceCapacity', 500);
}

/** Ending a server twice is no error. Its disks that were attached later and its addresses stay, and are free. */
function terminate(turn: Turn, one: Instance): void {
  const { state, now, bend, settings } = turn;
  if (one.state === 'terminated' || one.state === 'shutting-down') return;
  if (bend.keptMs !== undefined) one.shown = { state: one.state, until: now + bend.keptMs };
  for (const volume of live(state.volumes)) {
    if (volume.instance === one.id)
      Object.assign(volume, { instance: null, device: null, attachment: null, state: 'available', next: null });
  }
  for (const address of live(state.addresses))
    if (address.instance === one.id) Object.assign(address, { instance: null, association: null });
  for (const group of live(state.targetGroups)) delete group.targets[one.id];
  const reason = 'Client.UserInitiatedShutdown';
  const ended = { state: 'terminated', reason, endedAt: now + settings.actionMs };
  later<Instance>(turn, one, { state: 'shutting-down' }, ended);
}

function publicIpOf({ state }: Turn, one: Instance): string | undefined {
  const own = live(state.addresses).find(address => address.instance === one.id);
  if (own !== undefined) return own.ip;
  const isReachable = one.state === 'running' && isOnline(state, one.vpc);
  return isReachable ? (one.publicIp ?? undefined) : undefined;
}

function shownInstance(turn: Turn, one: Instance): Fields {
  const { state, now } = turn;
  const name = one.shown !== null && one.shown.until > now ? one.shown.state : one.state;
  const isOver = name === 'terminated';
  const disks = live(state.volumes).filter(volume => volume.instance === one.id);
  return {
    InstanceId: one.id,
    ImageId: one.image,
    InstanceType: one.size,
    State: { Code: CODES[name], Name: name },
    StateReason: isOver && one.reason !== null ? { Code: one.reason, Message: one.reason } : undefined,
    KeyName: one.key,
    LaunchTime: one.createdAt,
    PrivateIpAddress: isOver ? undefined : one.privateIp,
    PublicIpAddress: isOver ? undefined : publicIpOf(turn, one),
    SubnetId: isOver ? undefined : one.subnet,
    VpcId: isOver ? undefined : one.vpc,
    RootDeviceName: '/dev/xvda',
    ClientToken: one.token,
    Placement: {
      AvailabilityZone: one.zone,
      GroupName: state.placements[one.placement ?? '']?.name ?? '',
      GroupId: one.placement,
    },
    SecurityGroups: isOver ? [] : one.groups.map(id => ({ GroupId: id, GroupName: state.groups[id]?.name ?? '' })),
    BlockDeviceMappings: isOver
      ? []
      : [
          { DeviceName: '/dev/xvda', Ebs: { VolumeId: 'vol-root', DeleteOnTermination: true } },
          ...disks.map(disk => ({ DeviceName: disk.device, Ebs: { VolumeId: disk.id, DeleteOnTermination: false } })),
        ],
    Tags: tagSet(one),
  };
}
