/** Fields of a request or an answer, in the words of AWS's own description of its API. */
export type Fields = { readonly [field: string]: unknown };

/** A request as it comes from the wire. */
export interface FakeRequest {
  readonly path: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

/** An answer, and how it shall reach the other side. */
export interface FakeReply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly wire: 'answer' | 'lost' | 'cut' | 'drip';
  readonly delayMs: number;
  readonly dripMs: number;
}

/** A request that AWS refuses: the code is all that a client may go by. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, status = 400) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

export interface Thing {
  readonly id: string;
  /** In the order of creation. */
  readonly serial: number;
  readonly createdAt: number;
  tags: { [key: string]: string };
  /** When reads start to show it, and until when they still do after it is gone. */
  visibleAt: number;
  goneAt: number | null;
  keptUntil: number;
}

/** A thing that is on its way to another state. */
export interface Changing extends Thing {
  state: string;
  next: { readonly at: number; readonly set: object } | null;
}

export interface Vpc extends Thing {
  readonly cidr: string;
  readonly isDefault: boolean;
  hostNames: boolean;
}

export interface Gateway extends Thing {
  vpc: string | null;
}

export interface RouteTable extends Thing {
  readonly vpc: string;
  readonly routes: { readonly cidr: string; readonly gateway: string }[];
}

export interface Subnet extends Thing {
  readonly vpc: string;
  readonly cidr: string;
  readonly zone: string;
}

export interface Rule {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly range: string;
  readonly isSix: boolean;
  readonly description: string | undefined;
}

export interface Group extends Thing {
  readonly vpc: string;
  readonly name: string;
  readonly description: string;
  in: Rule[];
  out: Rule[];
}

export interface Key extends Thing {
  readonly name: string;
  readonly publicKey: string;
}

export interface Placement extends Thing {
  readonly name: string;
  readonly strategy: string;
}

export interface Address extends Thing {
  readonly ip: string;
  instance: string | null;
  association: string | null;
}

export interface Instance extends Changing {
  readonly token: string;
  /** What was asked for under the token. */
  readonly request: string;
  readonly image: string;
  readonly key: string | undefined;
  readonly subnet: string;
  readonly vpc: string;
  readonly zone: string;
  readonly placement: string | undefined;
  readonly publicIp: string | null;
  readonly privateIp: string;
  readonly metadata: Fields;
  readonly userData: string;
  size: string;
  groups: string[];
  isGuarded: boolean;
  reason: string | null;
  endedAt: number | null;
  /** The state that slow reads still show. */
  shown: { readonly state: string; readonly until: number } | null;
}

export interface Volume extends Changing {
  readonly token: string;
  readonly request: string;
  readonly zone: string;
  readonly kind: string;
  readonly isEncrypted: boolean;
  size: number;
  instance: string | null;
  device: string | null;
  attachment: string | null;
  modification: { readonly state: 'modifying' | 'optimizing' | 'completed'; readonly size: number; at: number } | null;
}

export interface Balancer extends Changing {
  readonly name: string;
  /** What was asked for besides tags: asked for again, it is the same object. */
  readonly asked: string;
  readonly subnet: string;
  readonly vpc: string;
  readonly zone: string;
  isGuarded: boolean;
  /** Its network cards stay in the subnet for a while after it is gone. */
  usedUntil: number;
}

export interface TargetGroup extends Thing {
  readonly name: string;
  readonly asked: string;
  readonly vpc: string;
  readonly port: number;
  readonly check: string;
  path: string | undefined;
  /** Servers, and until when those that were taken out are still served. */
  targets: { [instance: string]: { drainingUntil: number | null } };
}

export interface Listener extends Thing {
  readonly asked: string;
  readonly balancer: string;
  readonly port: number;
  readonly group: string;
}

export type Table<T extends Thing> = { [id: string]: T };

/** Everything the cloud knows; plain JSON, so that it can be kept in a file. */
export interface State {
  serial: number;
  vpcs: Table<Vpc>;
  gateways: Table<Gateway>;
  routeTables: Table<RouteTable>;
  subnets: Table<Subnet>;
  groups: Table<Group>;
  keys: Table<Key>;
  placements: Table<Placement>;
  addresses: Table<Address>;
  instances: Table<Instance>;
  volumes: Table<Volume>;
  balancers: Table<Balancer>;
  targetGroups: Table<TargetGroup>;
  listeners: Table<Listener>;
}

export type Limited =
  | 'instances'
  | 'vpcs'
  | 'subnets'
  | 'groups'
  | 'volumes'
  | 'addresses'
  | 'placements'
  | 'balancers';

export interface Settings {
  /** Who may ask; null lets everybody in. */
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
  readonly account: string;
  readonly region: string;
  readonly zones: readonly string[];
  readonly sizes: readonly string[];
  /** How long creating, starting, stopping, attaching and growing take. */
  actionMs: number;
  /** How long every answer takes. */
  latencyMs: number;
  /** How long reads do not show what is new. */
  lagMs: number;
  /** How far the clock of AWS is ahead. */
  skewMs: number;
  /** Most objects of one page, whatever is asked for. */
  pageSize: number;
  /** Requests of one second; null has no limit. */
  requestsPerSecond: number | null;
  /** Objects that the account may have. */
  limits: { readonly [table in Limited]?: number };
  /** Servers that there is hardware for, by size; a size that is not named is never sold out. */
  stock: { readonly [size: string]: number };
}

/** How a fault bends what is done. */
export interface Bend {
  readonly fails?: true;
  readonly isStuck?: true;
  /** How long what is made is not shown. */
  readonly hiddenMs?: number;
  /** How long what is deleted is still shown. */
  readonly keptMs?: number;
  /** A listing says nothing about its last object. */
  readonly isHalf?: true;
}

/** What one request works on. */
export interface Turn {
  readonly state: State;
  readonly settings: Settings;
  readonly now: number;
  readonly bend: Bend;
  readonly input: Fields;
}

/** What AWS does when it is asked; a refusal is thrown. */
export type Actions = { readonly [action: string]: (turn: Turn) => Fields };

export const OWNER = '123456789012';
