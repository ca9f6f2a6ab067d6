import type { HostTarget } from '../../../schemas/host.ts';
import type { TestKey } from './keys.ts';

/** A host that tests log in to, with what only a test may do to it. Its clients are let in with `clientKey`. */
export interface HostSite {
  readonly hostKey: TestKey;
  readonly clientKey: TestKey;
  /** How it is reached by whoever knows it. */
  readonly target: HostTarget;
  /** Connections so far. */
  connections(): number;
  /** Everything that was sent to it, as it travelled. */
  received(): Buffer;
  /** Cuts every connection. */
  cut(): void;
  /** Stops answering, without closing anything. */
  freeze(): void;
  thaw(): void;
  /** Goes down, so that everybody who was connected notices, and comes up again at the same address. */
  reboot(): Promise<{ readonly up: () => Promise<void> }>;
  close(): Promise<void>;
}
