import type { Address } from '../schemas/name.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import { isRef, type Resource } from '../schemas/resource.ts';
import { type AddressRange, addressRange, holds, overlap } from './address-range.ts';
import type { Scene } from './scene.ts';
import { plainText } from './show.ts';
import { byText } from './sort.ts';

/**
 * Error findings about subnets that a change touches and that cannot be: outside their network, or on top of another
 * subnet of it. A cloud would say so only after everything before them was made.
 */
export function rangeFindings(scene: Scene, changes: readonly Change[]): Finding[] {
  const touched = new Set(
    changes.filter(({ kind, action }) => kind === 'subnet' && action !== 'delete').map(({ address }) => address),
  );
  if (touched.size === 0) return [];
  const siblings = new Map<Address, Resource[]>();
  // Of two that overlap, the later name is blamed, in whatever order they are given.
  const inOrder = [...scene.resources.values()].sort((a, b) => byText(a.address, b.address));
  for (const resource of inOrder) {
    const network = resource.kind === 'subnet' ? networkOf(resource) : undefined;
    if (network === undefined) continue;
    siblings.set(network, [...(siblings.get(network) ?? []), resource]);
  }
  const findings: Finding[] = [];
  for (const [network, subnets] of siblings) {
    const outer = rangeOf(scene.resources.get(network));
    for (const [index, subnet] of subnets.entries()) {
      const inner = rangeOf(subnet);
      if (inner === undefined) continue;
      if (outer !== undefined && touched.has(subnet.address) && !holds(outer, inner)) {
        findings.push({
          ...about(scene, subnet, 'PR-RANGE'),
          what: `${subnet.address} (${text(subnet)}) lies outside ${network} (${text(scene.resources.get(network))})`,
          fix: 'choose a range inside the one of the network',
        });
      }
      for (const other of subnets.slice(0, index)) {
        const range = rangeOf(other);
        const concerned = touched.has(subnet.address) || touched.has(other.address);
        if (range === undefined || !concerned || !overlap(range, inner)) continue;
        findings.push({
          ...about(scene, subnet, 'PR-RANGE'),
          what: `${subnet.address} (${text(subnet)}) overlaps ${other.address} (${text(other)})`,
          why: `both are cut from ${network}`,
          fix: 'choose ranges that have no address in both',
        });
      }
    }
  }
  return findings;
}

/** The network of the files that a subnet is cut from; undefined when it is named by its id. */
function networkOf({ spec }: Resource): Address | undefined {
  const network = spec['network'];
  return isRef(network) && network.$ref.endsWith('.id') ? network.$ref.slice(0, -'.id'.length) : undefined;
}

function rangeOf(resource: Resource | undefined): AddressRange | undefined {
  const range = resource?.spec['ipRange'];
  return typeof range === 'string' ? addressRange(range) : undefined;
}

function text(resource: Resource | undefined): string {
  return plainText(String(resource?.spec['ipRange']));
}

function about(scene: Scene, subnet: Resource, id: string): Pick<Finding, 'level' | 'id' | 'address' | 'at'> {
  const at = scene.place(subnet.address, ['ipRange']);
  return { level: 'error', id, address: subnet.address, ...(at === undefined ? {} : { at }) };
}
