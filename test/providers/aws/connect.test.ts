import { describe, expect, it } from 'vitest';
import { aws } from '../../../providers/aws/index.ts';
import { type CallContext, type ProviderError, ProviderFault } from '../../../schemas/provider.ts';
import { virtualClock, worldOn } from '../virtual-clock.ts';

const SECRET = 'aws-canary-91';
const KEYS: { readonly [reference: string]: string } = {
  'env:AWS_ACCESS_KEY_ID': 'AKIATEST',
  'env:AWS_SECRET_ACCESS_KEY': SECRET,
};
const clock = virtualClock();

interface Sent {
  readonly url: string;
  readonly body: string;
  readonly headers: { readonly [name: string]: string };
}

/** STS with a clock of its own, that refuses what was not signed within five minutes of it. */
function sts(options: { readonly account?: string; readonly skewMs?: number } = {}) {
  const sent: Sent[] = [];
  const fetch: CallContext['fetch'] = (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers));
    sent.push({ url: String(input), body: String(init?.body), headers });
    const nowMs = clock.now() + (options.skewMs ?? 0);
    const date = new Date(nowMs).toUTCString();
    const signedMs = Date.parse(
      (headers['x-amz-date'] ?? '').replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'),
    );
    const refuse = (code: string): Response =>
      new Response(`<ErrorResponse><Error><Code>${code}</Code><Message>${SECRET}</Message></Error></ErrorResponse>`, {
        status: 403,
        headers: { date },
      });
    if (Math.abs(nowMs - signedMs) > 300_000) return Promise.resolve(refuse('SignatureDoesNotMatch'));
    if (options.account === undefined) return Promise.resolve(refuse('InvalidClientTokenId'));
    const text = `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${options.account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
    return Promise.resolve(new Response(text, { headers: { date } }));
  };
  const context: CallContext = { world: worldOn(clock), signal: new AbortController().signal, fetch, timeoutMs: 5_000 };
  return { context, sent };
}

function connect(context: CallContext, config: object = {}, keys = KEYS) {
  return aws.connect(context, { region: 'eu-central-1', ...config }, reference => Promise.resolve(keys[reference]));
}

async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderFault)) throw new Error('no fault');
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(SECRET);
  return error.error;
}

describe('connecting to AWS', () => {
  it('asks the service of the region whose the credentials are, and sends no secret', async () => {
    const { context, sent } = sts({ account: '123456789012' });
    const connection = await connect(context);
    expect(connection.account).toBe('123456789012/eu-central-1');
    expect(sent.map(({ url }) => url)).toEqual(['https://sts.eu-central-1.amazonaws.com/']);
    expect(sent[0]?.headers['authorization']).toContain('AKIATEST/20270115/eu-central-1/sts/aws4_request');
    expect(JSON.stringify(sent)).not.toContain(SECRET);
  });

  it('sends a session token where there is one', async () => {
    const { context, sent } = sts({ account: '123456789012' });
    await connect(context, {}, { ...KEYS, 'env:AWS_SESSION_TOKEN': 'session' });
    expect(sent[0]?.headers['x-amz-security-token']).toBe('session');
  });

  it.each([86_400_000, -86_400_000, 600_000])('allows for a clock that is wrong by %d ms', async skewMs => {
    const { context, sent } = sts({ account: '123456789012', skewMs });
    expect((await connect(context)).account).toBe('123456789012/eu-central-1');
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['no key', {}, {}, { class: 'unauthenticated', code: 'no_credentials' }],
    ['a key that is not accepted', {}, KEYS, { class: 'unauthenticated', code: 'not_accepted' }],
    ['no region', { region: undefined }, KEYS, { class: 'invalid-input', code: 'invalid_config' }],
    ['another secret', { accessKeyId: 'env:GITHUB_TOKEN' }, KEYS, { class: 'invalid-input', code: 'invalid_config' }],
  ])('refuses %s', async (_name, config, keys, expected) => {
    const error = await errorOf(connect(sts().context, config, keys));
    expect(error).toMatchObject(expected);
    if (expected.class === 'unauthenticated') expect(error.message).toContain('AWS_ACCESS_KEY_ID');
  });

  it('refuses another account', async () => {
    const { context } = sts({ account: '123456789012' });
    expect(await errorOf(connect(context, { account: '999999999999' }))).toMatchObject({
      class: 'forbidden',
      code: 'wrong_account',
    });
  });
});
