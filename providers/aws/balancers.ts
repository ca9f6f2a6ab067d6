import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Call, elb } from './client.ts';
import type { Where } from './kind.ts';
import { Id, Word, allPages, chunks, listOf } from './pages.ts';
import { Tags } from './tags.ts';

const Balancer = z.object({
  LoadBalancerArn: Id,
  LoadBalancerName: Id,
  DNSName: Word,
  CreatedTime: z.date().nullish(),
  Scheme: Word,
  Type: Word,
  VpcId: Word,
  State: z.object({ Code: Word }).nullish(),
  AvailabilityZones: listOf(z.object({ ZoneName: Word, SubnetId: Word })),
});
type Balancer = z.infer<typeof Balancer>;

const Listener = z.object({
  ListenerArn: Id,
  Port: z.int().nullish(),
  Protocol: Word,
  DefaultActions: listOf(z.object({ Type: Word, TargetGroupArn: Word })),
});
const TargetGroup = z.object({
  TargetGroupArn: Id,
  TargetGroupName: Id,
  Port: z.int().nullish(),
  Protocol: Word,
  HealthCheckProtocol: Word,
  HealthCheckPath: Word,
  LoadBalancerArns: listOf(z.string()),
});
export type Listener = z.infer<typeof Listener>;
export type TargetGroup = z.infer<typeof TargetGroup>;

/** A load balancer with its tags; the parts are read only where they are needed. */
export interface Tagged {
  readonly balancer: Balancer;
  readonly tags: { readonly [key: string]: string };
}

/** What a load balancer consists of besides itself. */
export interface Parts {
  readonly arn: string;
  readonly vpc: string;
  readonly listeners: readonly Listener[];
  /** All target groups of this load balancer, also those that no listener uses. */
  readonly groups: readonly TargetGroup[];
  readonly targets: { readonly [groupArn: string]: readonly string[] };
}

/** Most load balancers that one call for tags may name. */
const TAGGED = 20;

/** Load balancers with their tags. AWS has no filter for tags here, so that all are read, and chosen from. */
export async function balancers(call: Call, where: Where): Promise<readonly Tagged[]> {
  const found = await untagged(call, where);
  const tags = await tagsOf(
    call,
    found.map(one => one.LoadBalancerArn),
  );
  const all = found.map(balancer => ({ balancer, tags: tags.get(balancer.LoadBalancerArn) ?? {} }));
  return where.by === 'tag' ? all.filter(one => one.tags[where.key] === where.value) : all;
}

export async function tagsOf(call: Call, arns: readonly string[]): Promise<ReadonlyMap<string, Tagged['tags']>> {
  const tags = new Map<string, Tagged['tags']>();
  const reply = z.object({ TagDescriptions: listOf(z.object({ ResourceArn: Id, Tags })) });
  for (const ResourceArns of chunks(arns, TAGGED)) {
    const { TagDescriptions } = await elb(call, 'DescribeTags', { ResourceArns }, reply);
    for (const one of TagDescriptions) tags.set(one.ResourceArn, one.Tags);
  }
  return tags;
}

/** All, or the one that is named: AWS refuses the whole question when one of several is not there. */
async function untagged(call: Call, where: Where): Promise<readonly Balancer[]> {
  const reply = z.object({ LoadBalancers: listOf(Balancer), NextMarker: Word });
  const found = await allPages(
    call,
    (one: Balancer) => one.LoadBalancerArn,
    async Marker => {
      const page = await elb(call, 'DescribeLoadBalancers', { Marker, PageSize: 400 }, reply);
      return { items: page.LoadBalancers, next: page.NextMarker };
    },
  );
  return found.filter(one => {
    if (where.by === 'ids') return where.ids.includes(one.LoadBalancerArn);
    if (where.by === 'name') return one.LoadBalancerName === where.name;
    return where.by !== 'token';
  });
}

export async function listeners(call: Call, LoadBalancerArn: string): Promise<readonly Listener[]> {
  const reply = z.object({ Listeners: listOf(Listener), NextMarker: Word });
  return allPages(
    call,
    (one: Listener) => one.ListenerArn,
    async Marker => {
      const page = await elb(call, 'DescribeListeners', { LoadBalancerArn, Marker, PageSize: 400 }, reply);
      return { items: page.Listeners, next: page.NextMarker };
    },
  );
}

/** All target groups of the region: also those that a crash left without a load balancer are found by their names. */
export async function targetGroups(call: Call): Promise<readonly TargetGroup[]> {
  const reply = z.object({ TargetGroups: listOf(TargetGroup), NextMarker: Word });
  return allPages(
    call,
    (one: TargetGroup) => one.TargetGroupArn,
    async Marker => {
      const page = await elb(call, 'DescribeTargetGroups', { Marker, PageSize: 400 }, reply);
      return { items: page.TargetGroups, next: page.NextMarker };
    },
  );
}

/** The servers of a target group that are not on their way out. */
export async function targetsOf(call: Call, TargetGroupArn: string): Promise<readonly string[]> {
  const reply = z.object({
    TargetHealthDescriptions: listOf(
      z.object({ Target: z.object({ Id }), TargetHealth: z.object({ State: Word }).nullish() }),
    ),
  });
  const { TargetHealthDescriptions } = await elb(call, 'DescribeTargetHealth', { TargetGroupArn }, reply);
  const staying = TargetHealthDescriptions.filter(one => one.TargetHealth?.State !== 'draining');
  return [...new Set(staying.map(one => one.Target.Id))].sort();
}

/** A service of a load balancer in the words of the kind. */
export interface Service {
  readonly protocol: 'tcp' | 'http' | 'https';
  readonly listenPort: number;
  readonly targetPort: number;
  readonly healthPath?: string;
}

/** What all target groups of a load balancer begin with. */
export function groupPrefix(arn: string): string {
  return `p${createHash('sha256').update(arn).digest('hex').slice(0, 9)}-`;
}

/** The name says everything about a service that cannot be changed, in at most 32 characters; `c` is a check over HTTP. */
export function groupName(arn: string, service: Service): string {
  const { listenPort, protocol, targetPort, healthPath } = service;
  return `${groupPrefix(arn)}${listenPort}-${protocol}-${targetPort}${healthPath === undefined ? '' : '-c'}`;
}

/** The service of a listener and its target group. */
export function serviceOf(listener: Listener, group: TargetGroup | undefined): Service | null {
  const named = /^p[0-9a-f]{9}-\d+-(tcp|http|https)-(\d+)(?:-c)?$/.exec(group?.TargetGroupName ?? '');
  const listenPort = listener.Port ?? 0;
  if (listenPort === 0 || group === undefined) return null;
  const isChecked = group.HealthCheckProtocol === 'HTTP' || group.HealthCheckProtocol === 'HTTPS';
  const path = group.HealthCheckPath ?? '';
  const protocol = named?.[1] ?? (listener.Protocol ?? '').toLowerCase();
  return {
    protocol: protocol === 'http' || protocol === 'https' ? protocol : 'tcp',
    listenPort,
    targetPort: Number(named?.[2] ?? group.Port ?? listenPort),
    ...(isChecked ? { healthPath: path === '' ? '/' : path } : {}),
  };
}
