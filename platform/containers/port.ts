/** An image of local hosts, and whether the engine has it as its recipe says. */
export interface HostImage {
  /** As `debian-12`. */
  readonly image: string;
  /** Debian's own name of the release. */
  readonly suite: string;
  /** Hash of the recipe. */
  readonly recipe: string;
  readonly state: 'current' | 'outdated' | 'missing';
}

/** What is known of the container engine of this machine, found without starting one. */
export interface EngineReport {
  readonly isUsable: boolean;
  readonly what: string;
  readonly fix?: string;
}

/** What to build, and who is told how it goes on. */
export interface ImageWanted {
  readonly image: string;
  /** Address of a Debian archive; the machine's own sources where null. */
  readonly mirror: string | null;
  /** Socket of the engine; podman, started when needed, where null. */
  readonly socket: string | null;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Images of local hosts in the container engine of this machine. Throws Fault `unavailable` where there is none, and `invalid` for a name without a recipe. */
export interface HostImages {
  list(socket: string | null): Promise<readonly HostImage[]>;
  /** `built` is false where one of this very recipe was there. */
  build(wanted: ImageWanted): Promise<{ readonly id: string; readonly recipe: string; readonly built: boolean }>;
}
