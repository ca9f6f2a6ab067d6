import { actionsOf, getAction, listActions } from './actions.ts';
import * as addresses from './addresses.ts';
import * as balancers from './balancers.ts';
import * as catalogue from './catalogue.ts';
import * as firewalls from './firewalls.ts';
import * as keys from './keys.ts';
import { COLLECTIONS, type Answer, type Collection, type Turn } from './model.ts';
import * as networks from './networks.ts';
import type { requestsOf } from './objects.ts';
import * as servers from './servers.ts';
import * as volumes from './volumes.ts';

/** What a request does, in the words of the contract's faults. */
export type Asked = 'create' | 'update' | 'delete' | 'list' | 'read' | 'poll' | 'other';

export interface Route {
  readonly method: string;
  /** As the API description writes it: `/servers/{id}`. */
  readonly path: string;
  readonly asked: Asked;
  readonly answer: (turn: Turn) => Answer;
}

type Row = readonly [string, Asked, (turn: Turn) => Answer];

/** The requests that all collections have. */
function shared(
  collection: Collection,
  of: ReturnType<typeof requestsOf>,
  own: { readonly create: Row[2]; readonly remove: Row[2] },
): readonly Row[] {
  return [
    [`GET /${collection}`, 'list', of.list],
    [`POST /${collection}`, 'create', own.create],
    [`GET /${collection}/{id}`, 'read', of.get],
    [`PUT /${collection}/{id}`, 'update', of.put],
    [`DELETE /${collection}/{id}`, 'delete', own.remove],
  ];
}

const acts = (collection: Collection, table: { readonly [name: string]: Row[2] }): readonly Row[] =>
  Object.entries(table).map(([name, answer]) => [
    `POST /${collection}/{id}/actions/${name}`,
    // A subnet has no path of its own.
    name === 'add_subnet' ? 'create' : name === 'delete_subnet' ? 'delete' : 'update',
    answer,
  ]);

const ACTING = COLLECTIONS.filter(collection => collection !== 'ssh_keys' && collection !== 'placement_groups');

const TABLE: readonly Row[] = [
  ...shared('servers', servers.servers, { create: servers.createServer, remove: servers.deleteServer }),
  ...acts('servers', {
    poweron: servers.power('start_server', 'running'),
    poweroff: servers.power('stop_server', 'off'),
    shutdown: servers.shutdown,
    reboot: servers.power('reboot_server', 'running'),
    change_type: servers.changeType,
    attach_to_network: servers.attachServer,
    detach_from_network: servers.detachServer,
    add_to_placement_group: servers.joinGroup,
    remove_from_placement_group: servers.leaveGroup,
    change_protection: servers.servers.protect,
  }),
  ...shared('networks', networks.networks, { create: networks.createNetwork, remove: networks.deleteNetwork }),
  ...acts('networks', {
    add_subnet: networks.addSubnet,
    delete_subnet: networks.deleteSubnet,
    change_protection: networks.networks.protect,
  }),
  ...shared('volumes', volumes.volumes, { create: volumes.createVolume, remove: volumes.deleteVolume }),
  ...acts('volumes', {
    attach: volumes.attachVolume,
    detach: volumes.detachVolume,
    resize: volumes.resizeVolume,
    change_protection: volumes.volumes.protect,
  }),
  ...shared('firewalls', firewalls.firewalls, { create: firewalls.createFirewall, remove: firewalls.deleteFirewall }),
  ...acts('firewalls', {
    set_rules: firewalls.setRules,
    apply_to_resources: firewalls.applyFirewall,
    remove_from_resources: firewalls.removeFirewall,
  }),
  ...shared('ssh_keys', keys.sshKeys, { create: keys.createKey, remove: keys.deleteKey }),
  ...shared('placement_groups', keys.placementGroups, { create: keys.createGroup, remove: keys.deleteGroup }),
  ...shared('floating_ips', addresses.floatingIps, {
    create: addresses.createFloating,
    remove: addresses.deleteFloating,
  }),
  ...acts('floating_ips', {
    assign: addresses.assignFloating,
    unassign: addresses.unassignFloating,
    change_protection: addresses.floatingIps.protect,
  }),
  ...shared('load_balancers', balancers.balancers, {
    create: balancers.createBalancer,
    remove: balancers.deleteBalancer,
  }),
  ...acts('load_balancers', {
    add_target: balancers.addTarget,
    remove_target: balancers.removeTarget,
    add_service: balancers.addService,
    update_service: balancers.updateService,
    delete_service: balancers.deleteService,
    change_algorithm: balancers.changeAlgorithm,
    change_type: balancers.changeBalancerType,
    attach_to_network: balancers.attachBalancer,
    detach_from_network: balancers.detachBalancer,
    change_protection: balancers.balancers.protect,
  }),
  ...ACTING.flatMap((collection): readonly Row[] => [
    [`GET /${collection}/{id}/actions`, 'poll', actionsOf(collection)],
    [`GET /${collection}/{id}/actions/{action_id}`, 'poll', getAction],
  ]),
  ['GET /actions', 'poll', listActions],
  ['GET /actions/{id}', 'poll', getAction],
  ['GET /locations', 'other', catalogue.listLocations],
  ['GET /locations/{id}', 'other', catalogue.getLocation],
  ['GET /server_types', 'other', catalogue.listTypes],
  ['GET /server_types/{id}', 'other', catalogue.getType],
  ['GET /load_balancer_types', 'other', catalogue.listBalancerTypes],
  ['GET /images', 'other', catalogue.listImages],
  ['GET /images/{id}', 'other', catalogue.getImage],
  ['GET /pricing', 'other', catalogue.getPricing],
  ['GET /datacenters', 'other', catalogue.removed],
];

interface Ready extends Route {
  readonly parts: readonly string[];
}

const ROUTES: readonly Ready[] = TABLE.map(([words, asked, answer]) => {
  const [method = '', path = ''] = words.split(' ');
  return { method, path, asked, answer, parts: path.split('/').slice(1) };
});

/** The route of a request and what its path left open. */
export function routeOf(
  method: string,
  path: string,
): { readonly route: Route; readonly args: readonly string[] } | undefined {
  const parts = path.replace(/^\/v1/, '').split('/').slice(1);
  const isOpen = (part: string | undefined): boolean => part?.startsWith('{') === true;
  const route = ROUTES.find(
    one =>
      one.method === method &&
      one.parts.length === parts.length &&
      one.parts.every((part, at) => part === parts[at] || (isOpen(part) && /^\d+$/.test(parts[at] ?? ''))),
  );
  return route === undefined ? undefined : { route, args: parts.filter((_, at) => isOpen(route.parts[at])) };
}
