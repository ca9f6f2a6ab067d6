import type { Json } from '../json.ts';
import { type Address, Name } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { ReplaceOrder } from '../resource.ts';
import type { WorkspaceFile } from '../workspace.ts';
import { fieldOf, spend } from './evaluate.ts';
import { type Instance, type Instances, locateIn } from './instance.ts';
import { layeredProvider } from './layers.ts';
import { shapeOfValue } from './node.ts';
import { missing } from './references.ts';
import { BROKEN, type Surroundings } from './scope.ts';

/** What a resource says about itself beside its fields. */
export interface Meta {
  readonly provider: Name;
  readonly protect: boolean;
  readonly replace: ReplaceOrder;
  readonly adopt: string | undefined;
  /** Addresses under `needs`; not yet those that references add. */
  readonly needs: readonly Address[];
}

/** Reads and checks `provider`, `protect`, `replace`, `adopt` and `needs` of one instance. */
export function metaOf(instance: Instance, file: WorkspaceFile | undefined, surroundings: Surroundings): Meta {
  const read = (field: string): Json | undefined => fieldOf(instance, field, { surroundings, level: 0 });
  const protect = read('protect') ?? false;
  const replace = instance.on === undefined ? (read('replace') ?? 'auto') : 'auto';
  const adopt = instance.on === undefined ? read('adopt') : undefined;
  const order = ReplaceOrder.safeParse(replace);
  if (typeof protect !== 'boolean')
    wrong(instance, 'protect', { wanted: 'true or false', value: protect, surroundings });
  if (!order.success)
    wrong(instance, 'replace', { wanted: 'auto, create-first or delete-first', value: replace, surroundings });
  if (adopt !== undefined && (typeof adopt !== 'string' || adopt === '' || adopt.length > 255))
    wrong(instance, 'adopt', { wanted: 'the id of an object, as text', value: adopt, surroundings });
  return {
    provider: providerOf(instance, file, surroundings),
    protect: protect === true,
    replace: order.data ?? 'auto',
    adopt: typeof adopt === 'string' ? adopt : undefined,
    needs: needsOf(instance, read('needs'), surroundings),
  };
}

function wrong(
  instance: Instance,
  field: string,
  { wanted, value, surroundings }: { wanted: string; value: Json; surroundings: Surroundings },
): void {
  if (value === BROKEN) return;
  surroundings.sink.error(locateIn(instance, [field]), {
    id: 'WS-TYPE',
    what: `${instance.declared} ${field} must be ${wanted}, not ${shapeOfValue(value)}`,
  });
}

/** The provider that creates a resource. '' when there is none, which is stated. */
export function providerOf(instance: Instance, file: WorkspaceFile | undefined, surroundings: Surroundings): Name {
  const { sink } = surroundings;
  if (file === undefined) return '';
  if (instance.on !== undefined) return providerOf(instance.on, file, surroundings);
  const names = Object.keys(file.providers);
  const own = fieldOf(instance, 'provider', { surroundings, level: 0 });
  const layered = layeredProvider(surroundings.layers);
  const ofLayer = layered?.node.kind === 'scalar' ? layered.node.value : undefined;
  const value = own ?? ofLayer ?? file.defaultProvider ?? (names.length === 1 ? names[0] : undefined);
  if (value === undefined) {
    sink.error(instance.place, {
      id: 'WS-PROVIDER',
      what: `${instance.declared} names no provider`,
      why: names.length === 0 ? 'the workspace file has none' : `there are ${names.length}: ${names.join(', ')}`,
      fix: 'set `provider` here, or `defaultProvider` in the workspace file or in config/defaults',
    });
  } else if (typeof value !== 'string' || !names.includes(value)) {
    if (value === BROKEN) return '';
    const guess = nearest(String(value), names);
    const place = layered === undefined ? undefined : { document: layered.document, at: layered.node.at };
    sink.error(own === undefined ? place : locateIn(instance, ['provider']), {
      id: 'WS-PROVIDER',
      what: `there is no provider \`${showText(typeof value === 'string' ? value : shapeOfValue(value))}\``,
      why: `the workspace file has: ${names.join(', ')}`,
      fix: guess === undefined ? 'name one of them' : `did you mean \`${guess}\`?`,
    });
  } else {
    return value;
  }
  return '';
}

function needsOf(instance: Instance, value: Json | undefined, surroundings: Surroundings): readonly Address[] {
  if (value === undefined || value === BROKEN) return [];
  if (!Array.isArray(value)) {
    wrong(instance, 'needs', { wanted: 'a list of addresses', value, surroundings });
    return [];
  }
  const { sink } = surroundings;
  const instances = surroundings.instances as Instances;
  return (value as readonly Json[]).flatMap((item, index) => {
    if (item === BROKEN) return [];
    const place = locateIn(instance, ['needs', index]);
    const address = typeof item === 'string' ? addressFrom(item) : undefined;
    if (address === undefined) {
      sink.error(place, {
        id: 'WS-TYPE',
        what: `${instance.declared} needs must list addresses, for example server/web`,
        fix: 'write <kind>/<name>',
      });
      return [];
    }
    if (address === instance.address || address === instance.declared) {
      sink.error(place, {
        id: 'WS-SELF',
        what: `${instance.kind.name} ${instance.name} depends on itself`,
        fix: 'take it out of `needs`',
      });
      return [];
    }
    const group = instances.groups.get(address);
    if (instances.all.has(address)) return [address];
    if (group !== undefined) {
      spend({ surroundings }, group.length * address.length);
      return group.map(each => each.address);
    }
    const slash = address.indexOf('/');
    if (!instances.isPartial) sink.error(place, missing(address.slice(0, slash), address.slice(slash + 1), instances));
    return [];
  });
}

/** `server/web` or `server.web` as an address; undefined for anything else. */
export function addressFrom(text: string): Address | undefined {
  const cut = text.includes('/') ? text.indexOf('/') : text.lastIndexOf('.');
  const [kind, name] = [text.slice(0, cut), text.slice(cut + 1)];
  return cut > 0 && /^[a-z][a-z0-9.-]*$/.test(kind) && Name.safeParse(name).success ? `${kind}/${name}` : undefined;
}
