import type { TemplatePlace, TemplateResource } from '../../schemas/cluster.ts';
import type { Name } from '../../schemas/name.ts';
import { wordsOf } from './drivers.ts';
import type { Ground } from './fields.ts';

/** A door in the firewall of a group of servers. */
export interface Door {
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  /** Everybody, the servers of the cluster, or these ranges. */
  readonly from: 'everybody' | 'cluster' | readonly string[];
  readonly purpose: string;
}

/** The subnet that the cluster is in. */
export function subnetOf({ subnet }: Ground, { name }: TemplatePlace): Name {
  return subnet ?? `${name}-net`;
}

/** Range of that subnet; of machines that exist, the one that they are said to be in. */
export function rangeOf(ground: Ground, place: TemplatePlace): string {
  if (wordsOf(place.driver).exist === true) return ground.ipRange;
  return `\${subnet.${subnetOf(ground, place)}.ipRange}`;
}

/** The zone as a field, where one is asked for. */
export function zoned({ zone }: Ground): { readonly zone?: string } {
  return zone === undefined ? {} : { zone };
}

/** A private network with one subnet, unless the cluster shares one or its machines are in one already. */
export function networkOf(ground: Ground, { name, driver }: TemplatePlace): readonly TemplateResource[] {
  if (ground.subnet !== undefined || wordsOf(driver).exist === true) return [];
  const { ipRange } = ground;
  return [
    { kind: 'network', name: `${name}-net`, fields: { ipRange, ...zoned(ground) } },
    { kind: 'subnet', name: `${name}-net`, fields: { network: `${name}-net`, ipRange, ...zoned(ground) } },
  ];
}

/** The firewall of a group: SSH for the operators, the doors, and nothing else inbound. */
export function firewallOf(
  role: Name,
  doors: readonly Door[],
  { ground, place }: { readonly ground: Ground; readonly place: TemplatePlace },
): TemplateResource {
  const ssh: Door = { port: 22, from: ground.operators, purpose: 'SSH of the operators' };
  const rules = [ssh, ...doors].flatMap(({ port, protocol = 'tcp', from, purpose }) => {
    const sources = from === 'cluster' ? [rangeOf(ground, place)] : from;
    if (sources !== 'everybody' && sources.length === 0) return [];
    const who = sources === 'everybody' ? {} : { sources };
    return [{ direction: 'in', protocol, port, ...who, description: purpose }];
  });
  return { kind: 'firewall', name: `${place.name}-${role}`, fields: { rules } };
}
