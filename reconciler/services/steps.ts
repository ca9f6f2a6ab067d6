import type { StepsOf } from '../../planner/input.ts';
import { isTaskserv } from '../../schemas/name.ts';
import type { Change, HostStep } from '../../schemas/plan.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { TaskService } from '../../schemas/taskserv.ts';
import { difference } from '../../taskservs/host/difference.ts';
import { emptyHost } from '../../taskservs/host/facts.ts';
import { KEEP_TITLE } from '../../taskservs/host/guard.ts';
import { sceneOf, wishOf } from '../../taskservs/host/parameters.ts';
import { takenAway } from '../../taskservs/host/removal.ts';
import { stepsOf } from '../../taskservs/host/show.ts';
import { codenameOf } from './codename.ts';
import { placeOn, type SeenHost } from './seen.ts';
import { serverIn, serviceName, serviceOf, type Serving } from './serving.ts';

const NOT_KNOWN: readonly HostStep[] = [{ title: 'what is done on the server is (known after apply)' }];

/** How a change ends that can cut the host off. */
const GUARD: HostStep = { title: KEEP_TITLE };

/** What is said of services in the files. */
type Said = Pick<Serving, 'workspace' | 'services' | 'capability'>;

/** What changes do on servers, from what was seen of these. Pure: nobody is asked. */
export function stepsFrom(serving: Said, seen: ReadonlyMap<string, SeenHost>): StepsOf {
  return change => {
    const { kind, action, after, id, goesWith } = change;
    if (!isTaskserv(kind) || serving.capability(kind) !== undefined) return [];
    if (action === 'forget' || goesWith !== undefined) return [];
    if (action === 'delete') return removalSteps(serviceName(kind), seen.get(serverIn(id ?? '')));
    const service = serviceOf(serving.services, kind);
    return service === undefined || after === null ? [] : wantedSteps(service, { serving, seen }, { ...change, after });
  };
}

function removalSteps(name: string, host: SeenHost | undefined): readonly HostStep[] {
  const marker = host?.facts.markers[name];
  if (host === undefined || marker === undefined) return [];
  const steps = stepsOf(takenAway({ service: name, marker, facts: host.facts }), { shown: new Map() });
  return marker.isRisky === true ? [...steps, GUARD] : steps;
}

function wantedSteps(
  service: TaskService,
  { serving, seen }: { readonly serving: Said; readonly seen: ReadonlyMap<string, SeenHost> },
  change: Change & { readonly after: Spec },
): readonly HostStep[] {
  const { after, address } = change;
  const host = typeof after['server'] === 'string' ? seen.get(after['server']) : undefined;
  const name = serverName(serving, address);
  const facts = host?.facts ?? emptyHost(codenameOf(serving, name));
  const wish = wishOf(service, { spec: after }, placeOn(host?.server ?? { name, outputs: {} }, facts));
  if (wish === null) return NOT_KNOWN;
  const steps = stepsOf(difference(sceneOf(service, wish, facts)), wish);
  return service.isRisky === true && steps.length > 0 ? [...steps, GUARD] : steps;
}

function serverName({ workspace }: Said, address: string): string {
  const on = workspace.resources.find(resource => resource.address === address)?.on ?? '';
  return on.slice(on.indexOf('/') + 1);
}
