/** An object in the words of the API. */
export type Body = { [field: string]: unknown };

/** One action: what it will have done when it ends. */
export interface FakeAction {
  readonly id: number;
  readonly command: string;
  readonly kind: string;
  readonly target: number;
  readonly started: number;
  readonly endsAt: number;
  readonly input: Body;
  status: 'running' | 'success' | 'error';
  code: string | null;
}

/** Everything the cloud knows, as JSON. */
export interface State {
  serial: number;
  /** Objects by collection and id. */
  readonly objects: { readonly [collection: string]: { [id: number]: Body } };
  readonly actions: { [id: number]: FakeAction };
  rate: { left: number; at: number };
}

export interface Settings {
  token: string | null;
  /** Milliseconds that an action takes. */
  actionMs: number;
  latencyMs: number;
  /** Requests an hour. */
  limit: number;
  /** Objects of a kind that one project may have. */
  quota: number;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly body: string;
}

export interface FakeReply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly delayMs: number;
  /** `lost`: the connection ends without an answer; `cut`: in the middle of it; `drip`: it comes slowly. */
  readonly wire: 'answer' | 'lost' | 'cut' | 'drip';
  readonly dripMs: number;
}

/** Thrown by a rule: the answer is an error with this code. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function freshState(): State {
  const collections = [
    'servers',
    'networks',
    'volumes',
    'firewalls',
    'ssh_keys',
    'load_balancers',
    'floating_ips',
    'placement_groups',
  ];
  return {
    serial: 100,
    objects: Object.fromEntries(collections.map(name => [name, {}])),
    actions: {},
    rate: { left: Number.POSITIVE_INFINITY, at: 0 },
  };
}

/** Word of one object in answers, by its collection. */
export const MEMBER: { readonly [collection: string]: string } = {
  servers: 'server',
  networks: 'network',
  volumes: 'volume',
  firewalls: 'firewall',
  ssh_keys: 'ssh_key',
  load_balancers: 'load_balancer',
  floating_ips: 'floating_ip',
  placement_groups: 'placement_group',
};
