import type { OpenHost } from '../../schemas/host.ts';
import { isTaskserv, type KindName } from '../../schemas/name.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { TaskService } from '../../schemas/taskserv.ts';
import type { Keeping } from '../keeping.ts';

/** Known task services by name. */
export type Services = { readonly [name: string]: TaskService };

/** What it takes to put services on the servers of one provider. */
export interface Serving extends Keeping {
  readonly services: Services;
  readonly openHost: OpenHost;
  /** Whether the cloud has services of its own, as the demo does: then we leave them to it. */
  readonly capability: Keeping['capability'];
  /** A spec with the values of its secrets, asked for right before they are sent. */
  readonly reveal: (spec: Spec, purpose: string) => Promise<Spec>;
}

/** What we can do with services on the servers of any cloud: a marker on the host says whose a service is. */
const ON_HOSTS = { idempotency: 'label-scan', visibleAfterMs: 0 } as const;

/** The same for one service, which may have to be removed although its server goes. What is not known any more is removed. */
export function onHosts(services: Services, kind: KindName): KindCapability {
  const service = serviceOf(services, kind);
  if (service === undefined) return ON_HOSTS;
  return { ...ON_HOSTS, goesWithServer: service.saysGoodbye === true ? 'unless-others-stay' : 'always' };
}

/** The name of the service in `taskserv.redis`. */
export function serviceName(kind: KindName): string {
  return kind.slice('taskserv.'.length);
}

/** The service behind a kind; undefined for everything that is no service, or one that this program does not have. */
export function serviceOf(services: Services, kind: KindName): TaskService | undefined {
  const name = serviceName(kind);
  return isTaskserv(kind) && Object.hasOwn(services, name) ? services[name] : undefined;
}

/** A service on a server by one id: nothing of it is known without its server. */
export function serviceId(server: string, service: string): string {
  return `${server}/${service}`;
}

/** The id of the server in the id of a service. */
export function serverIn(id: string): string {
  return id.slice(0, id.lastIndexOf('/'));
}
