import type { Address } from '../name.ts';
import { showText } from '../problem.ts';
import { isRef, type Resource, splitRef } from '../resource.ts';
import { type Instances, locateIn } from './instance.ts';
import { contains, isAligned, overlaps, parseRange, type Range } from './range.ts';
import type { Sink } from './sink.ts';

/** A range with the resource and the field it stands in. */
interface Placed {
  readonly resource: Resource;
  readonly range: Range;
}

/** Checks address ranges: each for itself, and those of subnets against their network and against each other. */
export function checkRanges(resources: readonly Resource[], instances: Instances, sink: Sink): void {
  const context = { instances, sink };
  const networks = new Map<Address, Range>();
  const subnets = new Map<Address, Placed[]>();
  for (const resource of resources) {
    if (resource.kind === 'firewall') checkSources(resource, context);
    if (resource.kind !== 'network' && resource.kind !== 'subnet') continue;
    const range = checked(resource, ['ipRange'], { value: resource.spec['ipRange'], ...context });
    if (range === undefined) continue;
    if (range.prefix === 0) {
      sink.error(placeOf(resource, instances), {
        id: 'WS-RANGE',
        what: `${resource.address} ipRange is every address there is`,
        fix: 'use a private range, for example 10.0.0.0/16',
      });
    } else if (resource.kind === 'network') {
      networks.set(resource.address, range);
    } else {
      const network = resource.spec['network'];
      if (!isRef(network)) continue;
      const { address } = splitRef(network.$ref);
      const members = subnets.get(address);
      if (members === undefined) subnets.set(address, [{ resource, range }]);
      else members.push({ resource, range });
    }
  }
  for (const [network, members] of subnets)
    checkMembers(members, { network, range: networks.get(network), ...context });
}

interface Context {
  readonly instances: Instances;
  readonly sink: Sink;
}

function placeOf(
  resource: Resource,
  instances: Instances,
  path: readonly PropertyKey[] = ['ipRange'],
): ReturnType<typeof locateIn> | undefined {
  const instance = instances.all.get(resource.address);
  return instance === undefined ? undefined : locateIn(instance, path);
}

function checkSources(resource: Resource, context: Context): void {
  const rules = resource.spec['rules'];
  if (!Array.isArray(rules)) return;
  for (const [index, rule] of rules.entries()) {
    const sources: unknown = (rule as { sources?: unknown } | null)?.sources;
    if (!Array.isArray(sources)) continue;
    for (const [at, value] of sources.entries())
      checked(resource, ['rules', index, 'sources', at], { value, ...context });
  }
}

/** The range of one field; undefined when it is not known yet or not valid. The schema has stated what does not look like a range. */
function checked(
  resource: Resource,
  path: readonly PropertyKey[],
  { value, instances, sink }: Context & { readonly value: unknown },
): Range | undefined {
  if (typeof value !== 'string' || !/^[0-9a-fA-F:.]+\/\d{1,3}$/.test(value)) return undefined;
  const range = parseRange(value);
  if (range === undefined) {
    sink.error(placeOf(resource, instances, path), {
      id: 'WS-RANGE',
      what: `${showText(value)} is no address range`,
      fix: 'write an address and the length of its prefix, for example 10.0.0.0/16',
    });
    return undefined;
  }
  if (isAligned(value, range)) return range;
  sink.error(placeOf(resource, instances, path), {
    id: 'WS-RANGE',
    what: `${showText(value)} has host bits set`,
    why: `the range begins at ${range.text}`,
    fix: `write ${range.text}`,
  });
  return undefined;
}

function checkMembers(
  members: readonly Placed[],
  { network, range, instances, sink }: Context & { readonly network: Address; readonly range: Range | undefined },
): void {
  const sorted = members.toSorted(
    (a, b) =>
      a.range.version - b.range.version || (a.range.first < b.range.first ? -1 : Number(a.range.first > b.range.first)),
  );
  let widest: Placed | undefined;
  for (const member of sorted) {
    if (range !== undefined && !contains(range, member.range)) {
      const also = instances.all.get(network);
      sink.error(placeOf(member.resource, instances), {
        id: 'WS-RANGE',
        ...(also === undefined ? {} : { also: [locateIn(also, ['ipRange'])] }),
        what: `${member.resource.address} ${member.range.text} lies outside ${network} ${range.text}`,
        fix: 'choose a range inside the network',
      });
    }
    if (widest !== undefined && overlaps(widest.range, member.range))
      reportOverlap(widest, member, { instances, sink });
    if (widest === undefined || widest.range.version !== member.range.version || member.range.last > widest.range.last)
      widest = member;
  }
}

function reportOverlap(first: Placed, second: Placed, { instances, sink }: Context): void {
  const also = placeOf(first.resource, instances);
  sink.error(placeOf(second.resource, instances), {
    id: 'WS-RANGE',
    ...(also === undefined ? {} : { also: [also] }),
    what: `${second.resource.address} ${second.range.text} overlaps ${first.resource.address} ${first.range.text}`,
    fix: 'give each subnet of a network its own range',
  });
}
