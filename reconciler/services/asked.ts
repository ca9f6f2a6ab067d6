import type { Spec } from '../../schemas/resource.ts';
import type { TaskService } from '../../schemas/taskserv.ts';
import { emptyHost, type HostFacts } from '../../taskservs/host/facts.ts';
import type { Question } from '../../taskservs/host/look.ts';
import { wishOf, type Wish } from '../../taskservs/host/parameters.ts';
import { codenameOf } from './codename.ts';
import { placeOn } from './seen.ts';
import type { Server } from './servers.ts';
import { serverIn, serviceOf, type Serving } from './serving.ts';

/** A service with parameters that it has, or shall have, on a host. */
export interface Asked {
  readonly service: TaskService;
  readonly wish: Wish;
}

/** Everything that the files want and the record has on one server; `also` is asked about besides. */
export function askedOn(
  serving: Serving,
  server: Server,
  facts: HostFacts | undefined,
  also: readonly { readonly service: TaskService; readonly spec: Spec }[] = [],
): readonly Asked[] {
  const place = placeOn(server, facts ?? emptyHost(codenameOf(serving, server.name)));
  const specs = [...also, ...wantedOn(serving, server), ...recordedOn(serving, server)];
  return specs.flatMap(({ service, spec }) => {
    const wish = wishOf(service, { spec }, place);
    return wish === null ? [] : [{ service, wish }];
  });
}

function wantedOn(
  { workspace, services, provider }: Serving,
  { name }: Server,
): { service: TaskService; spec: Spec }[] {
  return workspace.resources.flatMap(resource => {
    const service = serviceOf(services, resource.kind);
    const isHere = resource.on === `server/${name}` && resource.provider === provider;
    return service === undefined || !isHere ? [] : [{ service, spec: resource.spec }];
  });
}

function recordedOn({ recorded, services, provider }: Serving, { id }: Server): { service: TaskService; spec: Spec }[] {
  return [...recorded.objects.values()].flatMap(record => {
    const service = serviceOf(services, record.kind);
    const isHere = record.provider === provider && serverIn(record.id) === id;
    return service === undefined || !isHere ? [] : [{ service, spec: record.spec }];
  });
}

/** What is looked at for some services, in one question. */
export function questionOf(asked: readonly Asked[]): Question {
  const secret = new Set<unknown>();
  for (const { wish } of asked) for (const { shown } of wish.wants) if (wish.isSecret(shown)) secret.add(shown);
  return {
    items: asked.flatMap(({ wish }) => wish.wants.map(({ shown }) => shown)),
    isSecret: item => secret.has(item),
    paths: asked.flatMap(({ service }) => (service.host?.paths ?? []).map(({ path }) => path)),
  };
}
