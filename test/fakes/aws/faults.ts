import { type Call, EC2, escaped } from './codec.ts';
import type { Bend, FakeReply, FakeRequest } from './model.ts';

/** When a fault happens: before anything is done, while it is done, or to the answer. */
export const FAULTS = {
  'request-lost': 'before',
  'error-500-before': 'before',
  'unavailable-503': 'before',
  'rate-limited': 'before',
  conflict: 'before',
  quota: 'before',
  capacity: 'before',
  'token-expired': 'before',
  'action-fails': 'during',
  'action-stuck': 'during',
  invisible: 'during',
  'still-listed': 'during',
  'sent-twice': 'during',
  'half-done': 'during',
  'answer-lost': 'after',
  'reset-mid-body': 'after',
  'error-500-after': 'after',
  html: 'after',
  truncated: 'after',
  empty: 'after',
  'wrong-types': 'after',
  'null-id': 'after',
  'huge-id': 'after',
  'unknown-words': 'after',
  'slow-drip': 'after',
  'page-repeat': 'after',
} as const;
export type FaultName = keyof typeof FAULTS;

export type Asked = 'create' | 'update' | 'delete' | 'list' | 'poll';

/** A fault that waits for its request. */
export interface Trap {
  readonly fault: FaultName;
  readonly asked: Asked;
  /** Only this action. */
  readonly action?: string;
  readonly nth: number;
  readonly times: number | null;
  readonly ms: number;
  readonly hint: 'none' | 'seconds' | 'date';
  seen: number;
  fired: number;
}

/** The one write of each of our kinds that makes the object, and the one that removes it. */
const CREATES: ReadonlySet<string> = new Set([
  'AllocateAddress',
  'CreateLoadBalancer',
  'CreatePlacementGroup',
  'CreateSecurityGroup',
  'CreateSubnet',
  'CreateVolume',
  'CreateVpc',
  'ImportKeyPair',
  'RunInstances',
]);
const DELETES: ReadonlySet<string> = new Set([
  'DeleteKeyPair',
  'DeleteLoadBalancer',
  'DeletePlacementGroup',
  'DeleteSecurityGroup',
  'DeleteSubnet',
  'DeleteVolume',
  'DeleteVpc',
  'ReleaseAddress',
  'TerminateInstances',
]);

function isAsked(trap: Trap, action: string): boolean {
  if (trap.action !== undefined && trap.action !== action) return false;
  // Only servers are waited for by a listing of them all.
  if (trap.fault === 'half-done') return action === 'DescribeInstances';
  switch (trap.asked) {
    case 'create':
      return CREATES.has(action);
    case 'delete':
      return DELETES.has(action);
    case 'update':
      return action === 'CreateTags' || action === 'AddTags';
    default:
      return action.startsWith('Describe');
  }
}

/** The trap that springs at this request. */
export function sprung(traps: readonly Trap[], action: string): Trap | undefined {
  return traps.find(trap => {
    if (trap.times !== null && trap.fired >= trap.times) return false;
    if (!isAsked(trap, action)) return false;
    trap.seen += 1;
    return trap.seen >= trap.nth;
  });
}

/** How the fault bends what is done. */
export function bendOf({ fault, ms }: Trap): Bend {
  switch (fault) {
    case 'action-fails':
      return { fails: true };
    case 'action-stuck':
      return { isStuck: true };
    case 'invisible':
      return { hiddenMs: ms };
    case 'still-listed':
      return { keptMs: ms };
    case 'half-done':
      return { isHalf: true };
    default:
      return {};
  }
}

export interface Errored {
  readonly status: number;
  readonly code: string;
  readonly version: string;
  readonly message?: string;
  readonly headers?: { readonly [name: string]: string };
}

/** An error as the service of that version writes it. */
export function errorReply({ status, code, version, message = code, headers = {} }: Errored): FakeReply {
  const error = `<Code>${code}</Code><Message>${escaped(message)}</Message>`;
  const body =
    version === EC2
      ? `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${error}</Error></Errors><RequestID>r-err</RequestID></Response>`
      : `<ErrorResponse><Error><Type>Sender</Type>${error}</Error><RequestId>r-err</RequestId></ErrorResponse>`;
  return replyOf(status, body, headers);
}

export function replyOf(status: number, body: string, headers: { readonly [name: string]: string } = {}): FakeReply {
  const type = { 'content-type': 'text/xml;charset=UTF-8' };
  return { status, headers: { ...type, ...headers }, body, wire: 'answer', delayMs: 0, dripMs: 0 };
}

/** A message that repeats what was sent, secrets and all, as broken servers do: a client must never show it. */
function gossip({ headers, body }: FakeRequest): string {
  return `something broke while serving ${headers['authorization'] ?? 'nobody'}: ${body}`;
}

const QUOTAS: { readonly [action: string]: string } = {
  AllocateAddress: 'AddressLimitExceeded',
  CreateLoadBalancer: 'TooManyLoadBalancers',
  CreateSecurityGroup: 'SecurityGroupLimitExceeded',
  CreateSubnet: 'SubnetLimitExceeded',
  CreateVolume: 'VolumeLimitExceeded',
  CreateVpc: 'VpcLimitExceeded',
  RunInstances: 'VcpuLimitExceeded',
};
const CAPACITIES: { readonly [action: string]: string } = {
  AllocateAddress: 'InsufficientAddressCapacity',
  CreateVolume: 'InsufficientVolumeCapacity',
  RunInstances: 'InsufficientInstanceCapacity',
};

function hintOf({ hint, ms }: Trap, now: number): { readonly [name: string]: string } {
  if (hint === 'none') return {};
  if (hint === 'date') return { 'retry-after': new Date(now + ms).toUTCString(), date: new Date(now).toUTCString() };
  return { 'retry-after': String(Math.ceil(ms / 1_000)) };
}

/** The answer to a request that a fault stopped before anything was done. */
export function stopped(trap: Trap, request: FakeRequest, { action, version }: Call, now: number): FakeReply {
  const headers = hintOf(trap, now);
  switch (trap.fault) {
    case 'request-lost':
      return { ...replyOf(200, ''), wire: 'lost' };
    case 'error-500-before':
      return errorReply({ status: 500, code: 'InternalError', version, message: gossip(request) });
    case 'unavailable-503':
      return errorReply({ status: 503, code: 'Unavailable', version, headers });
    case 'rate-limited':
      return version === EC2
        ? errorReply({ status: 503, code: 'RequestLimitExceeded', version, headers })
        : errorReply({ status: 400, code: 'Throttling', version, headers });
    case 'conflict':
      return errorReply({ status: 400, code: 'ConcurrentTagAccess', version });
    case 'quota':
      return errorReply({ status: 400, code: QUOTAS[action] ?? 'ResourceLimitExceeded', version });
    case 'capacity':
      return errorReply({ status: 500, code: CAPACITIES[action] ?? 'InsufficientCapacity', version });
    default:
      return version === EC2
        ? errorReply({ status: 400, code: 'RequestExpired', version, message: gossip(request) })
        : errorReply({ status: 403, code: 'ExpiredToken', version, message: gossip(request) });
  }
}

/** Elements that say which object it is, or that something was done. */
const IDS = /<(\w*(?:Id|Arn)|return)>([^<]*)<\/\1>/g;
const WORDS = /<(state|name|State|Code|status)>[a-z-]+<\/\1>/g;
const LIST = /<(vpcSet|subnetSet|reservationSet|securityGroupInfo)>(<item>[\s\S]*<\/item>)<\/\1>/;

/** The answer after a fault got hold of it; null when the fault finds nothing to spoil in it. */
export function spoiled(trap: Trap, request: FakeRequest, reply: FakeReply, version: string): FakeReply | null {
  const { body } = reply;
  switch (trap.fault) {
    case 'answer-lost':
      return { ...reply, wire: 'lost' };
    case 'reset-mid-body':
      return { ...reply, wire: 'cut' };
    case 'error-500-after':
      return errorReply({ status: 500, code: 'InternalError', version, message: gossip(request) });
    case 'html':
      return replyOf(200, `<html><body>${gossip(request)}</body></html>`, { 'content-type': 'text/html' });
    case 'truncated':
      return { ...reply, body: body.slice(0, body.length / 2) };
    case 'empty':
      return { ...reply, body: '' };
    case 'slow-drip':
      return { ...reply, wire: 'drip', dripMs: trap.ms };
    case 'wrong-types':
      return changed(reply, body.replace(/>([^<>\n]+)</g, '><x><y>1</y></x><'));
    case 'null-id':
      return changed(reply, body.replace(IDS, '<$1></$1>'));
    case 'huge-id':
      return changed(
        reply,
        body.replace(IDS, (_all, tag: string) => `<${tag}>${'9'.repeat(5_000)}</${tag}>`),
      );
    case 'unknown-words':
      return changed(
        reply,
        body.replace(WORDS, '<$1>novel</$1>').replace(/<\/(\w+Response)>$/, '<novelty><a>1</a></novelty></$1>'),
      );
    case 'page-repeat':
      return changed(reply, body.replace(LIST, '<$1>$2$2</$1>'));
    default:
      return null;
  }
}

function changed(reply: FakeReply, body: string): FakeReply | null {
  return body === reply.body ? null : { ...reply, body };
}
