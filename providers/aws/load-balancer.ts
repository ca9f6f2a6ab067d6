import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import { LABEL, cloudName } from '../../schemas/owner.ts';
import type { CreateRequest, Observed } from '../../schemas/provider.ts';
import { assertOffered } from '../transport/fault.ts';
import {
  type Parts,
  type Service,
  type Tagged,
  type TargetGroup,
  balancers,
  groupPrefix,
  listeners,
  serviceOf,
  tagsOf,
  targetGroups,
  targetsOf,
} from './balancers.ts';
import { type Call, elb } from './client.ts';
import { fault } from './errors.ts';
import type { AwsKind, Sighting, Where } from './kind.ts';
import { Id, Word, listOf } from './pages.ts';
import { Nothing } from './retag.ts';
import { assertPorts, served, withdrawn } from './services.ts';
import { unlessGone } from './settle.ts';
import { TAG, newTags } from './tags.ts';
import { BALANCER_SIZE, REFUSALS } from './refusals.ts';

const PHASES: { readonly [state: string]: Observed['phase'] } = {
  active: 'ready',
  active_impaired: 'ready',
  failed: 'failed',
};
const LONGEST_NAME = 32;

/** Network load balancers with one target group and one listener for each service. */
export const loadBalancer: AwsKind<Parts> = {
  tagger: 'elb',
  async sight(call, _account, where) {
    const found = await balancers(call, named(where));
    const groups = found.length === 0 ? [] : await targetGroups(call);
    const seen: Sighting<Parts>[] = [];
    for (const one of found) seen.push(sighted(one, await partsOf(call, one, groups)));
    return seen;
  },
  async create(call, _account, request) {
    assertOffered(REFUSALS['load-balancer'](request.spec), call.what);
    const subnet = String(request.spec['subnet']);
    const services = (request.spec['services'] ?? []) as unknown as readonly Service[];
    assertPorts(call, services);
    const own = { [TAG.order]: services.map(service => service.listenPort).join(' ') };
    const input = {
      Name: shortName(cloudName(request.owner)),
      Type: 'network' as const,
      Scheme: 'internet-facing' as const,
      Subnets: [subnet],
      // The protection of AWS comes first, and then the tag that says so.
      Tags: newTags({ ...request, protect: false }, own),
    };
    const reply = z.object({ LoadBalancers: listOf(z.object({ LoadBalancerArn: Id })) });
    const { LoadBalancers } = await elb(
      call,
      'CreateLoadBalancer',
      input,
      reply.refine(one => one.LoadBalancers.length === 1),
      { main: true },
    );
    const arn = LoadBalancers[0]?.LoadBalancerArn ?? '';
    await assertOwn(call, arn, request);
    return arn;
  },
  async converge(call, _account, seen, goal) {
    if (seen.phase === 'pending' && seen.busy === true) return 'wait';
    const isWanted = goal.fields.includes('services') || goal.fields.includes('targets');
    return isWanted ? served(call, seen, goal) : 'done';
  },
  async guard(call, _account, seen, protect) {
    const Attributes = [{ Key: GUARD, Value: String(protect) }];
    await elb(call, 'ModifyLoadBalancerAttributes', { LoadBalancerArn: seen.id, Attributes }, Nothing);
  },
  async remove(call, _account, seen) {
    await assertNotGuarded(call, seen.id);
    await withdrawn(call, seen.facts, () => true);
    await unlessGone(elb(call, 'DeleteLoadBalancer', { LoadBalancerArn: seen.id }, Nothing, { main: true }));
    return 'done';
  },
};

/** AWS answers the same wish with the same load balancer, whosever it is: only its tags tell that it is ours. */
async function assertOwn(call: Call, arn: string, { owner }: CreateRequest): Promise<void> {
  const tags = await tagsOf(call, [arn]).catch(() => undefined);
  if (tags === undefined) {
    throw fault('unknown-outcome', 'not_looked_at', call.what, { why: 'it could not be seen whose it is' });
  }
  if (tags.get(arn)?.[LABEL.operation] !== owner.opId) throw fault('already-exists', 'name_taken', call.what);
}

/** Somebody may have protected it by hand: that must be known before its listeners are taken away. */
async function assertNotGuarded(call: Call, LoadBalancerArn: string): Promise<void> {
  const reply = z.object({ Attributes: listOf(z.object({ Key: Word, Value: Word })) });
  const { Attributes } = await elb(call, 'DescribeLoadBalancerAttributes', { LoadBalancerArn }, reply);
  const isGuarded = Attributes.some(one => one.Key === GUARD && one.Value === 'true');
  if (isGuarded) throw fault('protected', 'deletion_protection', call.what);
}

const GUARD = 'deletion_protection.enabled';

/** Names of load balancers have at most 32 characters; a longer one ends in its own digest. */
function shortName(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - 9).replace(/-+$/, '')}-${digest}`;
}

function named(where: Where): Where {
  return where.by === 'name' ? { by: 'name', name: shortName(where.name) } : where;
}

async function partsOf(call: Call, { balancer }: Tagged, all: readonly TargetGroup[]): Promise<Parts> {
  const arn = balancer.LoadBalancerArn;
  const prefix = groupPrefix(arn);
  const groups = all.filter(one => one.TargetGroupName.startsWith(prefix) || one.LoadBalancerArns.includes(arn));
  const targets: { [groupArn: string]: readonly string[] } = {};
  for (const group of groups) targets[group.TargetGroupArn] = await targetsOf(call, group.TargetGroupArn);
  return { arn, vpc: balancer.VpcId ?? '', listeners: await listeners(call, arn), groups, targets };
}

function sighted({ balancer, tags }: Tagged, facts: Parts): Sighting<Parts> {
  const zone = balancer.AvailabilityZones[0];
  const phase = PHASES[balancer.State?.Code ?? ''] ?? 'pending';
  return {
    id: facts.arn,
    tags,
    nativeName: balancer.LoadBalancerName,
    spec: {
      size: balancer.Type ?? BALANCER_SIZE,
      zone: zone?.ZoneName ?? '',
      subnet: zone?.SubnetId ?? null,
      services: shownServices(facts, tags[TAG.order] ?? ''),
      targets: shownTargets(facts),
    },
    outputs: { publicIp: balancer.DNSName ?? null, privateIp: null },
    phase,
    busy: phase === 'pending',
    createdAt: balancer.CreatedTime?.getTime() ?? 0,
    attached: false,
    carriers: [facts.arn],
    facts,
  };
}

/** In the order in which they were written; AWS keeps none. */
function shownServices(facts: Parts, order: string): Json[] {
  const places = order.split(' ');
  const place = (service: Service): number => {
    const at = places.indexOf(String(service.listenPort));
    return at < 0 ? places.length + service.listenPort : at;
  };
  const found = facts.listeners.flatMap(listener => {
    const arn = listener.DefaultActions.find(action => action.Type === 'forward')?.TargetGroupArn;
    return (
      serviceOf(
        listener,
        facts.groups.find(group => group.TargetGroupArn === arn),
      ) ?? []
    );
  });
  return found.sort((a, b) => place(a) - place(b)).map(service => ({ ...service }));
}

/** An id that no server has: it makes targets that differ between services look different from what anybody wants. */
const UNEVEN = 'uneven';

function shownTargets(facts: Parts): Json[] {
  const used = new Set(facts.listeners.flatMap(one => one.DefaultActions.map(action => action.TargetGroupArn)));
  const sets = facts.groups
    .filter(group => used.has(group.TargetGroupArn))
    .map(group => facts.targets[group.TargetGroupArn] ?? []);
  const all = [...new Set(sets.flat())].sort();
  const isEven = sets.every(set => set.length === all.length);
  return isEven ? all : [...all, UNEVEN];
}
