import { z } from 'zod';
import { ownerLabels } from '../../schemas/owner.ts';
import { type Parts, type Service, type TargetGroup, groupName } from './balancers.ts';
import { type Call, elb } from './client.ts';
import { invalid } from './account.ts';
import type { Goal } from '../course/goal.ts';
import type { Sighting, Step } from './kind.ts';
import { Id, listOf } from './pages.ts';
import { Nothing, putTags } from './retag.ts';
import { unlessGone } from './settle.ts';
import { TAG, tagList } from './tags.ts';

/** Brings the services and their targets to what is asked, with as few writes as there are differences. */
export async function served(call: Call, seen: Sighting<Parts>, goal: Goal): Promise<Step> {
  const step = goal.fields.includes('services') ? await offered(call, seen, goal) : 'done';
  return step === 'done' ? targeted(call, seen, goal) : step;
}

async function offered(call: Call, { facts, tags }: Sighting<Parts>, goal: Goal): Promise<Step> {
  const services = (goal.spec['services'] ?? []) as unknown as readonly Service[];
  assertPorts(call, services);
  const wanted = new Map(services.map(service => [groupName(facts.arn, service), service]));
  // What has the port of a new service goes first: a port has one listener.
  let wrote = await withdrawn(call, facts, name => !wanted.has(name));
  for (const [name, service] of wanted) {
    const group = facts.groups.find(one => one.TargetGroupName === name);
    if (group === undefined || !isListened(facts, group)) {
      await opened(call, facts, { name, service, group, goal });
      wrote = true;
    } else if (await checked(call, group, service)) wrote = true;
  }
  const order = services.map(service => service.listenPort).join(' ');
  if (tags[TAG.order] !== order) {
    await putTags(call, { tagger: 'elb', ids: [facts.arn], tags: { [TAG.order]: order } });
    wrote = true;
  }
  return wrote ? 'wrote' : 'done';
}

/** A port has one listener, whatever it speaks. */
export function assertPorts(call: Call, services: readonly Service[]): void {
  if (new Set(services.map(service => service.listenPort)).size < services.length) {
    throw invalid(call.what, 'port_repeated', 'two services listen on the same port');
  }
}

function isListened(facts: Parts, group: TargetGroup): boolean {
  return facts.listeners.some(one => one.DefaultActions.some(action => action.TargetGroupArn === group.TargetGroupArn));
}

/** Takes away the services whose target groups have such names: the listener first, because a group in use cannot go. */
export async function withdrawn(call: Call, facts: Parts, isUnwanted: (name: string) => boolean): Promise<boolean> {
  const groups = facts.groups.filter(group => isUnwanted(group.TargetGroupName));
  const arns = new Set(groups.map(group => group.TargetGroupArn));
  const known = new Set(facts.groups.map(group => group.TargetGroupArn));
  const unwanted = facts.listeners.filter(one =>
    one.DefaultActions.every(
      action => arns.has(action.TargetGroupArn ?? '') || !known.has(action.TargetGroupArn ?? ''),
    ),
  );
  for (const { ListenerArn } of unwanted) await unlessGone(elb(call, 'DeleteListener', { ListenerArn }, Nothing));
  for (const { TargetGroupArn } of groups)
    await unlessGone(elb(call, 'DeleteTargetGroup', { TargetGroupArn }, Nothing));
  return unwanted.length + groups.length > 0;
}

interface Opening {
  readonly name: string;
  readonly service: Service;
  readonly group: TargetGroup | undefined;
  readonly goal: Goal;
}

/** A target group and the listener that sends to it. A group that a crash left without one is used. */
async function opened(call: Call, facts: Parts, { name, service, group, goal }: Opening): Promise<void> {
  const reply = z.object({ TargetGroups: listOf(z.object({ TargetGroupArn: Id })) });
  const input = {
    Name: name,
    Protocol: 'TCP' as const,
    Port: service.targetPort,
    VpcId: facts.vpc,
    TargetType: 'instance' as const,
    ...healthOf(service),
    Tags: tagList({ ...ownerLabels(goal.owner), [TAG.part]: 'target-group' }),
  };
  const made =
    group?.TargetGroupArn ?? (await elb(call, 'CreateTargetGroup', input, reply)).TargetGroups[0]?.TargetGroupArn;
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: made }];
  const listener = { LoadBalancerArn: facts.arn, Protocol: 'TCP' as const, Port: service.listenPort, DefaultActions };
  await elb(call, 'CreateListener', listener, Nothing);
}

/** A network load balancer passes connections through; only its health check knows about HTTP. */
function healthOf(service: Service) {
  const isChecked = service.healthPath !== undefined;
  const HealthCheckProtocol = !isChecked ? 'TCP' : service.protocol === 'https' ? 'HTTPS' : 'HTTP';
  return { HealthCheckProtocol, ...(isChecked ? { HealthCheckPath: service.healthPath } : {}) } as const;
}

/** Checks the path that it shall; false when it does. */
async function checked(call: Call, group: TargetGroup, { healthPath }: Service): Promise<boolean> {
  if (healthPath === undefined || healthPath === group.HealthCheckPath) return false;
  const input = { TargetGroupArn: group.TargetGroupArn, HealthCheckPath: healthPath };
  await elb(call, 'ModifyTargetGroup', input, Nothing);
  return true;
}

/** All services have the same servers behind them; a new service gets them too. */
async function targeted(call: Call, { facts }: Sighting<Parts>, goal: Goal): Promise<Step> {
  const wanted = (goal.spec['targets'] ?? []) as readonly string[];
  let wrote = false;
  for (const { TargetGroupArn } of facts.groups) {
    const has = facts.targets[TargetGroupArn] ?? [];
    const targets = (ids: readonly string[]) => ids.map(Id => ({ Id }));
    const missing = wanted.filter(id => !has.includes(id));
    const extra = has.filter(id => !wanted.includes(id));
    if (missing.length > 0) await elb(call, 'RegisterTargets', { TargetGroupArn, Targets: targets(missing) }, Nothing);
    if (extra.length > 0) await elb(call, 'DeregisterTargets', { TargetGroupArn, Targets: targets(extra) }, Nothing);
    if (missing.length + extra.length > 0) wrote = true;
  }
  return wrote ? 'wrote' : 'done';
}
