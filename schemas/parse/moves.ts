import { kindNamed } from '../kinds/index.ts';
import { type Address, CLOUD_KINDS, isTaskserv, kindOf } from '../name.ts';
import { showText } from '../problem.ts';
import type { Moved } from '../workspace.ts';
import type { Declared, Section } from './declarations.ts';
import type { Instances } from './instance.ts';
import { addressFrom } from './meta.ts';
import { type Document, type Node, shapeOf } from './node.ts';
import { missing } from './references.ts';
import type { Place, Sink } from './sink.ts';

/** The `moved` and `forget` sections of all files, each checked against what is declared. Sorted by address. */
export function readMoves(
  declared: Declared,
  instances: Instances,
  sink: Sink,
): { readonly moved: readonly Moved[]; readonly forget: readonly Address[] } {
  const moved = declared.moved.flatMap(section => movesOf(section, instances, sink));
  const forget = declared.forget.flatMap(section => forgottenOf(section, instances, sink));
  const twice = duplicateTarget(moved);
  if (twice !== undefined) {
    sink.error(twice.place, {
      id: 'WS-MOVED',
      also: [twice.first],
      what: `two addresses are moved to ${twice.to}`,
      fix: 'a resource has one former address; delete one line',
    });
  }
  return {
    moved: moved
      .map(({ from, to }) => ({ from, to }))
      .toSorted((a, b) => (a.from < b.from ? -1 : Number(a.from > b.from))),
    forget: [...new Set(forget)].toSorted(),
  };
}

interface PlacedMove extends Moved {
  readonly place: Place;
}

function movesOf({ document, entry }: Section, instances: Instances, sink: Sink): PlacedMove[] {
  const { node } = entry;
  if (node.kind !== 'map') {
    sink.error(
      { document, at: node.at },
      {
        id: 'WS-TYPE',
        what: `moved must be a map of former to present addresses, not ${shapeOf(node)}`,
        fix: 'write `moved: { server/old: server/new }`',
      },
    );
    return [];
  }
  return node.entries.flatMap(({ key, at, node: target }) => {
    const place = { document, at };
    const from = addressFrom(key);
    const to = addressNode(target, document, sink);
    if (from === undefined || !isKnownKind(from)) {
      sink.error(place, {
        id: 'WS-MOVED',
        what: `"${showText(key)}" is no address`,
        fix: 'write <kind>/<name>, for example server/web',
      });
      return [];
    }
    if (to === undefined) return [];
    if (instances.all.has(from)) {
      sink.error(place, {
        id: 'WS-MOVED',
        what: `${from} is moved away, but still declared`,
        fix: 'delete the declaration, or the line here',
      });
    } else if (!instances.all.has(to)) {
      if (!instances.isPartial)
        sink.error({ document, at: target.at }, missing(kindOf(to), to.slice(to.indexOf('/') + 1), instances));
    } else if (kindOf(from) !== kindOf(to)) {
      sink.error(
        { document, at: target.at },
        {
          id: 'WS-MOVED',
          what: `a ${kindOf(from)} cannot become a ${kindOf(to)}`,
          fix: 'move it to an address of the same kind',
        },
      );
    } else {
      return [{ from, to, place }];
    }
    return [];
  });
}

function forgottenOf({ document, entry }: Section, instances: Instances, sink: Sink): Address[] {
  const { node } = entry;
  if (node.kind !== 'list') {
    sink.error(
      { document, at: node.at },
      {
        id: 'WS-TYPE',
        what: `forget must be a list of addresses, not ${shapeOf(node)}`,
        fix: 'write `forget: [server/web]`',
      },
    );
    return [];
  }
  return node.items.flatMap(item => {
    const address = addressNode(item, document, sink);
    if (address === undefined) return [];
    if (!instances.all.has(address)) return [address];
    sink.error(
      { document, at: item.at },
      {
        id: 'WS-FORGET',
        what: `${address} is to be forgotten, but still declared`,
        fix: 'delete the declaration, or the line here',
      },
    );
    return [];
  });
}

function addressNode(node: Node, document: Document, sink: Sink): Address | undefined {
  const address = node.kind === 'scalar' && typeof node.value === 'string' ? addressFrom(node.value) : undefined;
  if (address !== undefined && isKnownKind(address)) return address;
  const shown =
    node.kind === 'scalar' && typeof node.value === 'string'
      ? `"${showText(node.value)}" is no address`
      : `an address is wanted here, not ${shapeOf(node)}`;
  sink.error(
    { document, at: node.at },
    { id: 'WS-MOVED', what: shown, fix: 'write <kind>/<name>, for example server/web' },
  );
  return undefined;
}

function isKnownKind(address: Address): boolean {
  const kind = kindOf(address);
  return isTaskserv(kind) ? kindNamed(kind) !== undefined : CLOUD_KINDS.some(known => known === kind);
}

function duplicateTarget(
  moved: readonly PlacedMove[],
): { readonly to: Address; readonly place: Place; readonly first: Place } | undefined {
  const first = new Map<Address, Place>();
  for (const { to, place } of moved) {
    const known = first.get(to);
    if (known !== undefined) return { to, place, first: known };
    first.set(to, place);
  }
  return undefined;
}
