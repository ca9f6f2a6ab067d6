import type { ZodType } from 'zod';
import type { Failpoint } from '../../schemas/failpoint.ts';
import type { CallContext } from '../../schemas/provider.ts';
import { classOfStatus } from '../transport/fault.ts';
import { retryAfterMs } from '../transport/retry-after.ts';
import { type Answer, lost, send } from '../transport/send.ts';
import { EC2_ACTIONS, type Ec2Action, ELB_ACTIONS, type Effect, type ElbAction } from './actions.ts';
import type { Buckets } from './buckets.ts';
import type { Service } from './config.ts';
import { CLOCK_CODES, CLOUD, classOfCode, fault } from './errors.ts';
import { type Credentials, signedHeaders } from './signature.ts';

/** How AWS is reached. The official clients turn calls into forms and answers into objects; signing and sending is ours. */
export interface Client {
  readonly region: string;
  readonly addresses: { readonly [service in Service]: string };
  readonly credentials: Credentials;
  readonly buckets: Buckets;
  /** Milliseconds that the clock of AWS is ahead of ours. */
  skewMs: number;
  ec2: Promise<Sdk<typeof import('@aws-sdk/client-ec2')>> | undefined;
  elb: Promise<Sdk<typeof import('@aws-sdk/client-elastic-load-balancing-v2')>> | undefined;
}

/** One call of the port: its context, and what messages say that it does. */
export interface Call {
  readonly ctx: CallContext;
  readonly client: Client;
  readonly what: string;
  /** The point that the first write reaches, or with `main` only the one that makes or removes the object. Taken once. */
  mark: { readonly point: Failpoint; readonly on: 'any' | 'main' } | null;
}

interface Sdk<Library> {
  readonly library: Library;
  send(command: unknown, slot: Slot): Promise<unknown>;
}

/** What goes along with a command through the library, and brings back why it failed. */
interface Slot {
  readonly call: Call;
  readonly action: string;
  readonly effect: Effect;
  readonly main: boolean;
  failure?: { readonly error: unknown };
}

type Ec2 = typeof import('@aws-sdk/client-ec2');
type Elb = typeof import('@aws-sdk/client-elastic-load-balancing-v2');
/** What the command of an action takes. */
type Input<Library, Action extends string> = `${Action}Command` extends keyof Library
  ? Library[`${Action}Command`] extends abstract new (
      ...input: infer Inputs
    ) => unknown
    ? First<Inputs>
    : never
  : never;
type First<Inputs> = Inputs extends [infer I] ? I : Inputs extends [] ? never : Inputs extends [(infer I)?] ? I : never;

interface Options {
  /** This is the write that makes or removes the object. */
  readonly main?: true;
}

/** Asks EC2, and returns the checked reply. */
export async function ec2<Action extends Ec2Action, T>(
  call: Call,
  action: Action,
  input: Input<Ec2, Action>,
  reply: ZodType<T>,
  options: Options = {},
): Promise<T> {
  call.client.ec2 ??= import('@aws-sdk/client-ec2').then(library => ({
    library,
    send: sender(new library.EC2Client(settings(call.client, 'ec2'))),
  }));
  const sdk = await call.client.ec2;
  const Command = sdk.library[`${action}Command`] as new (input: unknown) => unknown;
  return ask(
    sdk,
    new Command(input),
    { call, action, effect: EC2_ACTIONS[action], main: options.main === true },
    reply,
  );
}

/** Asks Elastic Load Balancing, and returns the checked reply. */
export async function elb<Action extends ElbAction, T>(
  call: Call,
  action: Action,
  input: Input<Elb, Action>,
  reply: ZodType<T>,
  options: Options = {},
): Promise<T> {
  call.client.elb ??= import('@aws-sdk/client-elastic-load-balancing-v2').then(library => ({
    library,
    send: sender(new library.ElasticLoadBalancingV2Client(settings(call.client, 'elasticloadbalancing'))),
  }));
  const sdk = await call.client.elb;
  const Command = sdk.library[`${action}Command`] as new (input: unknown) => unknown;
  return ask(
    sdk,
    new Command(input),
    { call, action, effect: ELB_ACTIONS[action], main: options.main === true },
    reply,
  );
}

function sender(client: { readonly send: unknown }): Sdk<unknown>['send'] {
  const sendBy = client.send as (this: unknown, command: unknown, options: object) => Promise<unknown>;
  return (command, slot) => sendBy.call(client, command, { slot });
}

async function ask<T>(sdk: Sdk<unknown>, command: unknown, slot: Slot, reply: ZodType<T>): Promise<T> {
  const { call, action, effect } = slot;
  const waitMs = call.client.buckets.take(call.ctx, action, effect);
  if (waitMs !== null) throw fault('rate-limited', 'rate_kept', call.what, { retryAfterMs: waitMs });
  let answered: unknown;
  try {
    answered = await sdk.send(command, slot);
  } catch {
    // The library's own errors may hold what was sent, so that they are dropped: only ours go further.
    if (slot.failure !== undefined) throw slot.failure.error;
    throw unreadable(call.what, effect);
  }
  const checked = reply.safeParse(answered);
  if (!checked.success) throw unreadable(call.what, effect);
  return checked.data;
}

function unreadable(what: string, effect: Effect): Error {
  return lost({ cloud: CLOUD, what, method: 'POST', writes: effect !== 'reads' }, 'unreadable_reply');
}

/** Everything is said here, so that the library reads no file and no variable of the machine, and never sees the real credentials. */
function settings(client: Client, service: 'ec2' | 'elasticloadbalancing') {
  return {
    region: client.region,
    endpoint: client.addresses[service],
    credentials: { accessKeyId: 'signed-elsewhere', secretAccessKey: 'signed-elsewhere' },
    signer: { sign: <T>(request: T) => Promise.resolve(request) },
    requestHandler: sending(service),
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard' as const,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: () => Promise.resolve(undefined),
    authSchemePreference: ['aws.auth#sigv4'],
    logger: SILENT,
  };
}

const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** What the library is told instead of the failure: it writes into the errors that it sees. */
const KEPT = new Error('the request failed');

/** Sends what the library made by way of the call's own context. A failure is kept in the slot, past the library's own handling. */
function sending(service: Service) {
  return {
    handle(request: { readonly body?: unknown }, options?: object) {
      const { slot } = options as { readonly slot: Slot };
      return deliver(slot, service, String(request.body ?? '')).then(
        ({ status, text }) => {
          const body = Buffer.from(text, 'utf8');
          return { response: { statusCode: status, headers: { 'content-type': 'text/xml' }, body } };
        },
        (error: unknown) => {
          slot.failure = { error };
          throw KEPT;
        },
      );
    },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** One signed request and its answer, which certainly is one of AWS to this action. */
export async function deliver(slot: Slot, service: Service, body: string): Promise<Answer> {
  const { call, action, effect, main } = slot;
  const { client, ctx, what } = call;
  const url = client.addresses[service];
  const writes = effect !== 'reads';
  const accepted = writes && call.mark !== null && (main || call.mark.on === 'any') ? call.mark.point : undefined;
  if (accepted !== undefined) call.mark = null;
  const atMs = ctx.world.clock.now() + client.skewMs;
  const answer = await send(ctx, {
    cloud: CLOUD,
    what,
    method: 'POST',
    url,
    headers: signedHeaders(client.credentials, { service, region: client.region, url, body, atMs }),
    body,
    writes,
    ...(accepted === undefined ? {} : { accepted }),
  });
  const wasWrong = learnClock(call, answer);
  if (answer.status < 200 || answer.status >= 300) throw refusal(slot, answer, wasWrong);
  if (!isWhole(answer.text, action)) throw lost({ cloud: CLOUD, what, method: 'POST', writes }, 'unreadable_reply');
  return answer;
}

/** AWS refuses what was signed five minutes ago or will be in five minutes. */
const SKEW_MS = 4 * 60_000;

/** Learns from an answer what time it is at AWS; true when our time was too far from it. */
function learnClock({ client, ctx }: Call, answer: Answer): boolean {
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(theirs)) return false;
  const skewMs = theirs - ctx.world.clock.now();
  if (Math.abs(skewMs - client.skewMs) < SKEW_MS) return false;
  client.skewMs = skewMs;
  return true;
}

const METHODS: { readonly [effect in Effect]: string } = { reads: 'GET', writes: 'POST', deletes: 'DELETE' };

function refusal({ call, effect }: Slot, answer: Answer, clockWasWrong: boolean): Error {
  const { status, headers, text } = answer;
  const code = /<Code>([\w.-]{1,64})<\/Code>/.exec(text)?.[1] ?? '';
  const requestId = /<Request(?:ID|Id)>([\w-]{1,64})<\/Request(?:ID|Id)>/.exec(text)?.[1];
  const waitMs = retryAfterMs(headers, call.ctx.world.clock.now());
  const more = {
    status,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  if (clockWasWrong && CLOCK_CODES.has(code)) {
    return fault('transient', code, call.what, {
      ...more,
      why: 'the clock of this machine is wrong; it is now allowed for',
    });
  }
  return fault(classOfCode(code) ?? classOfStatus(status, METHODS[effect]), code, call.what, more);
}

/** The answer is the whole document of this action; a page of a proxy or half a document is not. What only says yes or no says yes. */
function isWhole(text: string, action: string): boolean {
  const start = text.slice(0, 400).replace(/^\s*(?:<\?xml[^>]*\?>)?\s*/, '');
  if (!new RegExp(`^<${action}Response[\\s>]`).test(start)) return false;
  if (!text.trimEnd().endsWith(`</${action}Response>`)) return false;
  // An answer that holds nothing else still names its request.
  if (!/<([rR]equestId)>[\w-]{1,64}<\/\1>/.test(text)) return false;
  const said = /<return>([^<]*)<\/return>|<return\s*\/>/.exec(text);
  return said === null || said[1] === 'true';
}
