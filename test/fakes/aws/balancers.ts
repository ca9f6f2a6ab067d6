import { maybeText, records, text, texts } from './input.ts';
import { type Actions, type Balancer, type Fields, OWNER, Refusal, type State, type Turn } from './model.ts';
import { isOnline } from './networks.ts';
import { assertRoom, drop, known, later, live, make, newId, shown, tagSet, tagsIn } from './objects.ts';
import { markedPage } from './pages.ts';

export const balancerOf = (state: State, arn: string): Balancer => known(state.balancers, arn, 'LoadBalancerNotFound');

export function arn({ state, settings }: Turn, rest: string): string {
  newId(state, 'arn');
  const serial = state.serial.toString(16).padStart(16, '0');
  return `arn:aws:elasticloadbalancing:${settings.region}:${OWNER}:${rest}/${serial}`;
}

/** Names of load balancers and target groups: short, and of few characters. */
export function nameIn(input: Fields): string {
  const name = text(input, 'Name');
  if (!/^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/.test(name) || name.startsWith('internal-'))
    throw new Refusal('ValidationError');
  return name;
}

/**
 * What a request asks for besides tags. Elastic Load Balancing makes of the same wish the same object, and refuses
 * another one under its name.
 */
export function askedFor(input: Fields): string {
  const settings = Object.entries(input).filter(([field]) => field !== 'Tags');
  return JSON.stringify(settings.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const GUARD = 'deletion_protection.enabled';

export const BALANCERS: Actions = {
  CreateLoadBalancer(turn) {
    const { state, input, bend } = turn;
    const name = nameIn(input);
    const asked = askedFor({ Scheme: 'internet-facing', ...input });
    const twin = live(state.balancers).find(one => one.name === name);
    if (twin !== undefined && twin.asked !== asked) throw new Refusal('DuplicateLoadBalancerName');
    if (twin !== undefined) return { LoadBalancers: [shownBalancer(twin)] };
    if (maybeText(input, 'Type') !== 'network') throw new Refusal('InvalidConfigurationRequest');
    const subnet = known(state.subnets, texts(input, 'Subnets')[0], 'SubnetNotFound');
    if (!isOnline(state, subnet.vpc)) throw new Refusal('InvalidSubnet');
    assertRoom(turn, 'balancers');
    const own = {
      name,
      asked,
      subnet: subnet.id,
      vpc: subnet.vpc,
      zone: subnet.zone,
      isGuarded: false,
      usedUntil: 0,
      next: null,
      state: 'provisioning',
    };
    const made = make(turn, state.balancers, { id: arn(turn, `loadbalancer/net/${name}`), tags: tagsIn(input), own });
    const shownNow = shownBalancer(made);
    later<Balancer>(turn, made, {}, { state: bend.fails === true ? 'failed' : 'active' });
    return { LoadBalancers: [shownNow] };
  },
  DescribeLoadBalancers(turn) {
    return markedPage(turn, shown(turn, turn.state.balancers), { field: 'LoadBalancers', show: shownBalancer });
  },
  DescribeLoadBalancerAttributes({ state, input }) {
    const { isGuarded } = balancerOf(state, text(input, 'LoadBalancerArn'));
    return { Attributes: [{ Key: GUARD, Value: String(isGuarded) }] };
  },
  ModifyLoadBalancerAttributes({ state, input }) {
    const balancer = balancerOf(state, text(input, 'LoadBalancerArn'));
    for (const one of records(input, 'Attributes')) {
      if (one['Key'] !== GUARD) throw new Refusal('InvalidConfigurationRequest');
      balancer.isGuarded = one['Value'] === 'true';
    }
    return { Attributes: [] };
  },
  /** One that is not there counts as deleted. Its listeners go along; its network cards take their time. */
  DeleteLoadBalancer(turn) {
    const { state, now } = turn;
    const balancer = live(state.balancers).find(one => one.id === text(turn.input, 'LoadBalancerArn'));
    if (balancer === undefined) return {};
    if (balancer.isGuarded) throw new Refusal('OperationNotPermitted');
    for (const one of live(state.listeners)) if (one.balancer === balancer.id) one.goneAt = now;
    balancer.usedUntil = now + turn.settings.actionMs;
    drop(turn, balancer);
    return {};
  },
};

function shownBalancer(one: Balancer): Fields {
  return {
    LoadBalancerArn: one.id,
    LoadBalancerName: one.name,
    DNSName: `${one.name}.elb.invalid`,
    CreatedTime: one.createdAt,
    Scheme: 'internet-facing',
    Type: 'network',
    VpcId: one.vpc,
    State: { Code: one.state },
    AvailabilityZones: [{ ZoneName: one.zone, SubnetId: one.subnet }],
  };
}

const MOST_ARNS = 20;

/** Load balancers and target groups carry tags in the same way. */
function tagged(state: State, id: string): Balancer | State['targetGroups'][string] {
  const group = state.targetGroups[id];
  return group !== undefined && group.goneAt === null ? group : balancerOf(state, id);
}

export const BALANCER_TAGS: Actions = {
  DescribeTags({ state, input }) {
    const arns = texts(input, 'ResourceArns');
    if (arns.length > MOST_ARNS) throw new Refusal('ValidationError');
    // One that was just deleted may still be in a listing, and then its tags are still known.
    const find = (id: string) => state.balancers[id] ?? tagged(state, id);
    return { TagDescriptions: arns.map(id => ({ ResourceArn: id, Tags: tagSet(find(id)) })) };
  },
  AddTags({ state, input }) {
    for (const id of texts(input, 'ResourceArns')) Object.assign(tagged(state, id).tags, tagsIn(input));
    return {};
  },
  RemoveTags({ state, input }) {
    for (const id of texts(input, 'ResourceArns'))
      for (const key of texts(input, 'TagKeys')) delete tagged(state, id).tags[key];
    return {};
  },
};
