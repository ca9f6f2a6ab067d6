import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import type { HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { ServiceFile } from '../../schemas/service-file.ts';
import { declaredService } from '../../taskservs/host/declared.ts';
import { astray, difference } from '../../taskservs/host/difference.ts';
import { emptyHost, type HostFacts } from '../../taskservs/host/facts.ts';
import { hostAfter } from '../../taskservs/host/host-after.ts';
import { sceneOf, type ServiceSpec, wishOf } from '../../taskservs/host/parameters.ts';
import { stepsOf } from '../../taskservs/host/show.ts';
import { TASKSERVS } from '../../taskservs/index.ts';

/**
 * A case: what is asked for of a host. `before` are the parameters that were applied last (absent: nothing was), and
 * `facts` is what was changed behind our back since, in the shape of `HostFacts`.
 */
const Case = z.strictObject({
  parameters: z.record(z.string(), z.json()),
  before: z.record(z.string(), z.json()).optional(),
  facts: z.record(z.string(), z.json()).optional(),
  codename: z.string().default('bookworm'),
  address: z.string().default('10.0.1.5'),
});

/** Services of an example workspace, beside those of the program. */
const OWN: { readonly [name: string]: TaskService } = {
  memcached: declaredService(
    'memcached',
    ServiceFile.parse(
      parse(
        readFileSync(
          new URL('../../example-workspace/own-service/taskservs/memcached/service.yaml', import.meta.url),
          'utf8',
        ),
      ),
    ),
  ),
};

/** A service on a host that is only thought. */
export interface HostWorld {
  readonly service: TaskService;
  readonly spec: ServiceSpec;
  readonly place: HostPlace;
  readonly facts: HostFacts;
  /** The same when the steps were carried out. */
  after(): HostWorld;
}

/** The world that a case file describes. */
export function worldOf(name: string, text: unknown): HostWorld {
  const { parameters, before, facts, codename, address } = Case.parse(text);
  const service = TASKSERVS[name] ?? OWN[name];
  if (service === undefined) throw new Error(`there is no service ${name}`);
  const place = { server: 'web-1', address, architecture: 'amd64', codename } as const;
  const host = emptyHost(codename);
  const start = before === undefined ? host : finished({ service, spec: before as ServiceSpec, place, facts: host });
  return withAfter({ service, spec: parameters as ServiceSpec, place, facts: overlaid(start, facts) });
}

type Plain = Omit<HostWorld, 'after'>;

function withAfter(world: Plain): HostWorld {
  return { ...world, after: () => withAfter({ ...world, facts: finished(world) }) };
}

function sceneIn({ service, spec, place, facts }: Plain) {
  const wish = wishOf(service, { spec }, place);
  if (wish === null)
    throw new Error(`the parameters do not fit: ${JSON.stringify(service.parameters().safeParse(spec).error?.issues)}`);
  return { wish, scene: sceneOf(service, wish, facts) };
}

function finished(world: Plain): HostFacts {
  const owner = {
    workspace: 'shop',
    lineage: '0123456789ab',
    address: `taskserv.${world.service.name}/web-1`,
    opId: 'op1',
  };
  return hostAfter(sceneIn(world).scene, { owner, protect: false, spec: world.spec, version: null, endpoint: null });
}

function overlaid(facts: HostFacts, over: { readonly [part: string]: Json } = {}): HostFacts {
  const whole: { [part: string]: unknown } = { ...facts };
  for (const [part, value] of Object.entries(over)) {
    const is = whole[part];
    whole[part] = typeof is === 'object' && typeof value === 'object' ? { ...is, ...value } : value;
  }
  return whole as unknown as HostFacts;
}

/** The steps as text: why, then each title with its command or the lines of its file. */
export function stepsText(world: HostWorld): string {
  const { wish, scene } = sceneIn(world);
  const steps = stepsOf(difference(scene), wish);
  if (steps.length === 0) return 'in sync\n';
  const lines = [...new Set(astray(scene))].map(reason => `because ${reason}`);
  for (const { title, command, file } of steps) {
    lines.push(`- ${title}`);
    if (command !== undefined)
      lines.push(
        `    $ ${command.map(word => (/^[\w./:=@%+,-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')}`,
      );
    if (file !== undefined) lines.push(...fileLines(file.before, file.after));
  }
  return `${lines.join('\n')}\n`;
}

function fileLines(before: string | null, after: string | null): readonly string[] {
  const old = (before ?? '').split('\n');
  const now = (after ?? '').split('\n');
  const gone = before === null ? [] : old.filter(line => !now.includes(line)).map(line => `    - ${line}`);
  return [
    ...gone,
    ...now.filter(line => line !== '' && (before === null || !old.includes(line))).map(line => `    + ${line}`),
  ];
}
