import type { EngineReport, HostImages } from '../platform/containers/port.ts';
import type { HttpFetch } from '../schemas/http.ts';
import type { AuditLog } from '../platform/audit/port.ts';
import type { Stage } from '../platform/stage/stage.ts';
import type { Issuer, SecretStore, Vault } from '../platform/secrets/port.ts';
import type { Folders } from '../platform/starter/port.ts';
import type { GitSource, ReviewGit } from '../platform/git/port.ts';
import type { PlainForge } from '../platform/git/git-forge.ts';
import type { Log } from '../platform/log/port.ts';
import type { Holder } from '../schemas/checkpoint.ts';
import type { Forge } from '../schemas/forge.ts';
import type { OpenHost } from '../schemas/host.ts';
import type { WorkspaceKey } from '../schemas/name.ts';
import type { LoadInput } from '../schemas/parse/load.ts';
import type { Plan } from '../schemas/plan.ts';
import type { Provider } from '../schemas/provider.ts';
import type { ReviewStore } from '../schemas/review.ts';
import type { Secrets } from '../schemas/secret.ts';
import type { WorkspaceState } from '../schemas/state.ts';
import type { TaskService } from '../schemas/taskserv.ts';
import type { Loaded, ProviderEntry, Workspace } from '../schemas/workspace.ts';
import type { World } from '../schemas/world.ts';

/** Plans that people were shown, kept on this machine so that a refused apply can say what differs. Losing them loses only that explanation. */
export interface PlanShelf {
  keep(plan: Plan): Promise<void>;
  /** The plan whose digest starts with `digest`, with the wall time in ms at which it was kept; null when there is none or more than one. */
  find(digest: string): Promise<{ readonly plan: Plan; readonly keptAt: number } | null>;
}

/** Opens a stage for an example, and the ports that work on it. */
export interface StagePort {
  open(example: string): Promise<{ readonly stage: Stage; readonly ports: Ports }>;
}

/** What reviewing one repository on its Git host needs. */
export interface ReviewPorts {
  readonly forge: Forge;
  readonly git: ReviewGit;
  readonly store: ReviewStore;
}

/** Somebody who may know that something changed. */
export interface Hints {
  /** Calls back with the pull request that may have changed, or null for anything else. */
  listen(heard: (pull: number | null) => void): void;
}

/** A listening address of ours that hears what a Git host tells. */
export interface Door extends Hints {
  /** Where webhooks go, for people. */
  readonly url: string;
  close(): Promise<void>;
}

/** Opens doors. Only a door over a network knows how; the program puts it in. */
export type OpenDoor = (options: {
  readonly host: string;
  readonly port: number;
  /** `acme/infrastructure`: what other repositories tell is ignored. */
  readonly repository: string;
}) => Promise<Door>;

/** Everything outside that the loop and the operations use. `wire.ts` alone knows which adapters stand behind it. */
export interface Ports {
  readonly world: World;
  readonly log: Log;
  readonly audit: AuditLog;
  /** Folder of this machine's own files: mirrors, journals, caches, audit log. */
  readonly home: string;
  /** Version of this program, as plans pin it. */
  readonly tool: string;
  readonly holder: Holder;
  readonly fetch: HttpFetch;
  readonly providers: { readonly [driver: string]: Provider };
  /** What a driver needs and its entry in the workspace file does not say: where the local demo cloud listens. */
  defaults(driver: string, entry: ProviderEntry['config']): Promise<{ readonly [key: string]: unknown }>;
  /** The container engine that an entry of the local provider means; an empty entry means any. */
  engine(entry: ProviderEntry['config']): Promise<EngineReport>;
  /** Images of local hosts. */
  readonly images: HostImages;
  /** Values of secret references. */
  readonly secrets: Secrets;
  /** Secrets that lie encrypted in the workspace. */
  readonly secretStore: SecretStore;
  /** From now on no output of this process shows the value, in whichever encoding. */
  mask(name: string, value: string): void;
  /** Changes them on disk. */
  openVault(): Promise<Vault>;
  /** Issues credentials that end by themselves. */
  openIssuer(): Promise<Issuer>;
  readonly shelf: PlanShelf;
  /** Folders that workspaces are made in. */
  readonly folders: Folders;
  /** Sets up a throw-away remote and cloud for the tour; null where the program's examples are not installed. */
  readonly stage: StagePort | null;
  load(input: LoadInput): Promise<Loaded>;
  /** A bare mirror of a remote, below home. */
  openMirror(url: string): Promise<GitSource>;
  /** A clone on disk, only read. */
  openLocal(directory: string): Promise<GitSource>;
  /** Reviews of a repository; null when it has no pull requests of its own and no Git host with a known credential. */
  openReview(where: { readonly url: string; readonly branch: string }): Promise<ReviewPorts | null>;
  /** Pull requests with nothing but Git, for people. */
  openPlainForge(where: { readonly url: string; readonly branch: string }): Promise<PlainForge>;
  /** Known task services, with those of a workspace. */
  services(own?: Workspace['services']): Promise<{ readonly [name: string]: TaskService }>;
  /** Opens hosts over SSH. */
  readonly openHost: OpenHost;
  /** Null where this program was started without doors. */
  readonly openDoor: OpenDoor | null;
  openState(options: { readonly remote: string; readonly workspace: WorkspaceKey }): WorkspaceState;
}
