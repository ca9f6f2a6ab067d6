import type { HostItem } from '../../schemas/taskserv.ts';
import type { HostAct } from './act.ts';
import type { HostFacts } from './facts.ts';
import type { Journal, Marker } from './marker.ts';
import type { PlainItem } from './written.ts';

/** An item twice: as it may be seen, with stand-ins for secrets, and as it is. Without secrets at hand both are the same. */
export interface Want<Item = HostItem> {
  readonly shown: Item;
  readonly real: Item;
}

/** One service on one host, as it shall be and as it is. */
export interface Scene {
  readonly service: string;
  readonly wants: readonly Want[];
  readonly facts: HostFacts;
  readonly isSecret: (shown: HostItem) => boolean;
  /** A text as a reader may see it. */
  readonly show: (text: string) => string;
  /** A wrong change can cut the host off. */
  readonly isRisky: boolean;
  /** Folders that stay when the service goes. */
  readonly data: readonly string[];
}

/** What is being worked out, item by item. */
export interface Draft extends Scene {
  readonly plain: readonly Want<PlainItem>[];
  readonly acts: HostAct[];
  readonly marker: Marker | undefined;
  /** What a run wrote down that did not finish. */
  readonly open: Journal | undefined;
  /** Paths that this run writes. */
  readonly changed: Set<string>;
  /** Packages that wait to be installed together. */
  readonly waiting: { readonly item: Extract<PlainItem, { readonly is: 'package' }>; readonly because: string }[];
  /** Daemons that must not start before they are configured. */
  readonly masked: Set<string>;
  /** Program files came, so that whatever runs them starts again. */
  hasNewPrograms: boolean;
  hasNewLists: boolean;
}
