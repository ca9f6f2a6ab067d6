import type { TemplatePlace, TemplateResource } from '../../schemas/cluster.ts';
import { isObject, type Json } from '../../schemas/json.ts';
import type { Name } from '../../schemas/name.ts';
import { type Size, wordsOf } from './drivers.ts';
import type { Ground } from './fields.ts';
import { type Door, firewallOf, subnetOf, zoned } from './ground.ts';

/** Task services of one server by name, with their parameters. */
export interface ServicesOf {
  readonly [service: string]: { readonly [parameter: string]: Json };
}

/** A group of like servers: `<cluster>-<role>-1`, `-2`, ... */
export interface Group {
  readonly role: Name;
  readonly count: number;
  /** As the cloud calls it, or as templates do. */
  readonly size: { readonly asked: string | undefined; readonly standard: Size };
  readonly doors: readonly Door[];
  /** How many of them change at the same time: a node waits for the services of the one that is so many before it. */
  readonly atOnce: number;
  /** There is never more than one. */
  readonly isSingle?: true;
  /** Its services name all its servers, so a server can only wait for a server, and each service for the same one there. */
  readonly isMesh?: true;
  /** Services of the node of that number, from 1. */
  services(number: number): ServicesOf;
}

/** What a group is made in. */
export interface Surrounds {
  readonly ground: Ground;
  readonly place: TemplatePlace;
}

/** `shop-web-2`. */
export function nodeName({ name }: TemplatePlace, role: Name, number: number): Name {
  return `${name}-${role}-${number}`;
}

/** Names of all nodes of a group. */
export function nodeNames(place: TemplatePlace, { role, count }: Pick<Group, 'role' | 'count'>): readonly Name[] {
  return Array.from({ length: count }, (_, index) => nodeName(place, role, index + 1));
}

/** An output of each of these servers as an expression. */
export function eachOutput(servers: readonly Name[], output: string): readonly string[] {
  return servers.map(server => `\${server.${server}.${output}}`);
}

/**
 * The servers of a group with their services, firewall and placement group. A node comes after the one before it with all
 * its services, so that an ordinary plan goes through the group one by one.
 */
export function nodesOf(group: Group, { ground, place }: Surrounds): readonly TemplateResource[] {
  const { role, size, doors, atOnce } = group;
  const words = wordsOf(place.driver);
  // Also of one node alone: a server would have to be made anew to get into the group of a second one.
  const spread = words.spreads && group.isSingle !== true ? `${place.name}-${role}` : undefined;
  const shared =
    words.exist === true
      ? {}
      : {
          subnet: subnetOf(ground, place),
          firewalls: [`${place.name}-${role}`],
          ...(ground.sshKeys.length > 0 ? { sshKeys: ground.sshKeys } : {}),
          ...(spread === undefined ? {} : { placementGroup: spread }),
          ...zoned(ground),
        };
  const fieldsOf = (name: Name) => ({
    size: size.asked ?? (words.exist === true ? name : words.sizes[size.standard]),
    image: ground.image ?? words.image,
    ...shared,
  });
  const nodes = nodeNames(place, group).flatMap((name, index): TemplateResource[] => {
    const number = index + 1;
    const before = number > atOnce ? nodeName(place, role, number - atOnce) : undefined;
    const others = before === undefined ? [] : Object.keys(group.services(number - atOnce));
    const needs = before === undefined ? [] : afterNode(before, group.isMesh === true ? [] : others);
    const services = Object.entries(group.services(number)).map(([service, parameters]): TemplateResource => {
      const same = group.isMesh === true && others.includes(service) ? [`taskserv.${service}/${before}`] : [];
      const merged = merge(parameters, ground.services[service] ?? {}) as ServicesOf[string];
      return { kind: `taskserv.${service}`, name, on: name, fields: after(merged, same) };
    });
    return [{ kind: 'server', name, fields: after(fieldsOf(name), needs) }, ...services];
  });
  return [
    ...(words.exist === true ? [] : [firewallOf(role, doors, { ground, place })]),
    ...(spread === undefined ? [] : [{ kind: 'placement-group', name: spread, fields: {} }]),
    ...nodes,
  ];
}

/** Fields with what must be there first, beside what they say of that themselves. */
function after(fields: ServicesOf[string], needs: readonly string[]): ServicesOf[string] {
  const own = (fields['needs'] ?? []) as readonly string[];
  return own.length + needs.length === 0 ? fields : { ...fields, needs: [...own, ...needs] };
}

/** Maps are merged key by key; anything else is as the second says. */
export function merge(first: Json | undefined, second: Json): Json {
  if (!isObject(first) || !isObject(second)) return second;
  const entries = Object.entries(second).map(([key, value]) => [key, merge(first[key] as Json, value as Json)]);
  return { ...first, ...Object.fromEntries(entries) } as Json;
}

/** Addresses of everything on a node. */
function afterNode(server: Name, names: readonly Name[]): readonly string[] {
  return names.length === 0 ? [`server/${server}`] : names.map(service => `taskserv.${service}/${server}`);
}
