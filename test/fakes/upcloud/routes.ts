import * as addresses from './addresses.ts';
import * as balancers from './balancers.ts';
import * as catalogue from './catalogue.ts';
import * as firewall from './firewall.ts';
import * as groups from './groups.ts';
import { serverOf } from './lookup.ts';
import type { Answer, Turn } from './model.ts';
import * as networks from './networks.ts';
import * as nics from './nics.ts';
import * as servers from './servers.ts';
import * as storages from './storages.ts';

/** What a request does, in the words of the contract's faults. */
export type Asked = 'create' | 'update' | 'delete' | 'list' | 'read' | 'other';

export interface Route {
  readonly method: string;
  /** Parts of the path after the version; `*` is open. */
  readonly path: readonly string[];
  readonly asked: Asked;
  readonly answer: (turn: Turn) => Answer;
}

const TABLE: readonly (readonly [string, Asked, (turn: Turn) => Answer])[] = [
  ['GET account', 'other', catalogue.getAccount],
  ['GET plan', 'other', catalogue.listPlans],
  ['GET price', 'other', catalogue.listPrices],
  ['GET zone', 'other', catalogue.listZones],
  ['GET server_size', 'other', catalogue.listSizes],
  ['GET timezone', 'other', catalogue.listTimezones],
  ['GET host', 'other', catalogue.listHosts],
  ['GET host/*', 'other', catalogue.getHost],
  ['PATCH host/*', 'other', catalogue.modifyHost],
  ['GET server', 'list', servers.listServers],
  ['POST server', 'create', servers.createServer],
  ['GET server/*', 'read', turn => servers.answered(turn, serverOf(turn))],
  ['PUT server/*', 'update', servers.modifyServer],
  ['DELETE server/*', 'delete', servers.deleteServer],
  ['POST server/*/start', 'update', servers.startServer],
  ['POST server/*/stop', 'update', servers.stopServer],
  ['POST server/*/restart', 'update', servers.restartServer],
  ['POST server/*/relocate', 'update', servers.relocateServer],
  ['POST server/*/storage/attach', 'update', servers.attachStorage],
  ['POST server/*/storage/detach', 'update', servers.detachStorage],
  ['POST server/*/cdrom/load', 'update', servers.loadCdrom],
  ['POST server/*/cdrom/eject', 'update', servers.ejectCdrom],
  ['POST server/*/tag/*', 'update', groups.tagServer],
  ['POST server/*/untag/*', 'update', groups.untagServer],
  ['GET server/*/networking', 'read', nics.listNics],
  ['POST server/*/networking/interface', 'update', nics.createNic],
  ['PUT server/*/networking/interface/*', 'update', nics.modifyNic],
  ['DELETE server/*/networking/interface/*', 'update', nics.deleteNic],
  ['GET server/*/firewall_rule', 'read', firewall.listRules],
  ['PUT server/*/firewall_rule', 'update', firewall.putRules],
  ['POST server/*/firewall_rule', 'update', firewall.createRule],
  ['GET server/*/firewall_rule/*', 'read', firewall.getRule],
  ['DELETE server/*/firewall_rule/*', 'update', firewall.deleteRule],
  ['GET storage', 'list', storages.listStorages],
  ['POST storage', 'create', storages.createStorage],
  ['GET storage/*', 'read', storages.getStorage],
  ['PUT storage/*', 'update', storages.modifyStorage],
  ['DELETE storage/*', 'delete', storages.deleteStorage],
  ['POST storage/*/clone', 'create', storages.cloneStorage],
  ['POST storage/*/backup', 'create', storages.backupStorage],
  ['POST storage/*/templatize', 'create', storages.templatizeStorage],
  ['POST storage/*/restore', 'update', storages.restoreStorage],
  ['POST storage/*/resize', 'update', storages.resizeFilesystem],
  ['POST storage/*/import', 'update', storages.importStorage],
  ['GET storage/*/import', 'read', storages.getImport],
  ['GET network', 'list', networks.listNetworks],
  ['POST network', 'create', networks.createNetwork],
  ['GET network/*', 'read', networks.getNetwork],
  ['PUT network/*', 'update', networks.modifyNetwork],
  ['DELETE network/*', 'delete', networks.deleteNetwork],
  ['GET router', 'list', networks.listRouters],
  ['POST router', 'create', networks.createRouter],
  ['GET router/*', 'read', networks.getRouter],
  ['PATCH router/*', 'update', networks.modifyRouter],
  ['DELETE router/*', 'delete', networks.deleteRouter],
  ['GET ip_address', 'list', addresses.listAddresses],
  ['POST ip_address', 'create', addresses.createAddress],
  ['GET ip_address/*', 'read', addresses.getAddress],
  ['PATCH ip_address/*', 'update', addresses.modifyAddress],
  ['DELETE ip_address/*', 'delete', addresses.deleteAddress],
  ['GET server-group', 'list', groups.listGroups],
  ['POST server-group', 'create', groups.createGroup],
  ['GET server-group/*', 'read', groups.getGroup],
  ['PATCH server-group/*', 'update', groups.modifyGroup],
  ['DELETE server-group/*', 'delete', groups.deleteGroup],
  ['GET tag', 'other', groups.listTags],
  ['POST tag', 'other', groups.createTag],
  ['PUT tag/*', 'other', groups.modifyTag],
  ['DELETE tag/*', 'other', groups.deleteTag],
  ['GET load-balancer', 'list', balancers.listBalancers],
  ['POST load-balancer', 'create', balancers.createBalancer],
  ['GET load-balancer/plans', 'other', balancers.listBalancerPlans],
  ['GET load-balancer/certificate-bundles', 'other', balancers.listBundles],
  ['POST load-balancer/certificate-bundles', 'other', balancers.createBundle],
  ['GET load-balancer/certificate-bundles/*', 'other', balancers.getBundle],
  ['PATCH load-balancer/certificate-bundles/*', 'other', balancers.modifyBundle],
  ['DELETE load-balancer/certificate-bundles/*', 'other', balancers.deleteBundle],
  ['GET load-balancer/*', 'read', balancers.getBalancer],
  ['PATCH load-balancer/*', 'update', balancers.modifyBalancer],
  ['DELETE load-balancer/*', 'delete', balancers.deleteBalancer],
  ...['load-balancer/*/*', 'load-balancer/*/*/*/*'].flatMap(list => [
    [`GET ${list}`, 'read', balancers.getChild] as const,
    [`POST ${list}`, 'update', balancers.createChild] as const,
    [`GET ${list}/*`, 'read', balancers.getChild] as const,
    [`PATCH ${list}/*`, 'update', balancers.modifyChild] as const,
    [`PUT ${list}/*`, 'update', balancers.replaceChild] as const,
    [`DELETE ${list}/*`, 'update', balancers.deleteChild] as const,
  ]),
];

/** Everything that the fake answers. */
export const ROUTES: readonly Route[] = TABLE.map(([words, asked, answer]) => {
  const [method = '', path = ''] = words.split(' ');
  return { method, path: path.split('/'), asked, answer };
});

/** The route of a request and the parts of the path that it left open; a slash at the end does not matter. */
export function routeOf(method: string, path: string): { readonly route: Route; readonly args: string[] } | undefined {
  const parts = path.split('/').filter(part => part !== '');
  if (parts.shift() !== '1.3') return undefined;
  for (const route of ROUTES) {
    if (route.method !== method || route.path.length !== parts.length) continue;
    if (!route.path.every((part, at) => part === '*' || part === parts[at])) continue;
    return { route, args: parts.filter((_, at) => route.path[at] === '*').map(decodeURIComponent) };
  }
  return undefined;
}
