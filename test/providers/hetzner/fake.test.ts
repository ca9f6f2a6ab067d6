import { beforeEach, expect, it } from 'vitest';
import { createHetzner, type FakeHetzner } from '../../fakes/hetzner/cloud.ts';
import { selected } from '../../fakes/hetzner/labels.ts';
import { RULES } from '../../fakes/hetzner/rules.ts';

let cloud: FakeHetzner;
let now = 0;
beforeEach(() => {
  now = 1_800_000_000_000;
  cloud = createHetzner({ settings: { actionMs: 1_000, bucket: { limit: 30, perSecond: 1 } } });
});

interface Told {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: { readonly [name: string]: { readonly [field: string]: unknown } };
}

function call(method: string, path: string, body?: object): Told {
  const sent = { method, path: `/v1${path}`, headers: {}, body: body === undefined ? '' : JSON.stringify(body) };
  const { status, headers, body: text } = cloud.handle(sent, now);
  return { status, headers, body: text === '' ? {} : (JSON.parse(text) as Told['body']) };
}

it('tells of a field that is not described, and refuses one that is missing or of the wrong type', () => {
  const key = { name: 'k', public_key: 'ssh-ed25519 AAAA' };
  expect(call('POST', '/ssh_keys', { ...key, lables: {} }).status).toBe(201);
  expect(cloud.violations()).toEqual([expect.stringContaining('"additionalProperty":"lables"')]);
  expect(call('POST', '/ssh_keys', { name: 'other' }).body['error']).toMatchObject({ code: 'invalid_input' });
  expect(call('POST', '/ssh_keys', { ...key, name: 7 }).body['error']).toMatchObject({ code: 'invalid_input' });
});

it('tells of an answer that is not as described', () => {
  const id = call('POST', '/ssh_keys', { name: 'k', public_key: 'ssh-ed25519 AAAA' }).body['ssh_key']?.['id'];
  Object.assign(cloud.state.ssh_keys[String(id)] ?? {}, { fingerprint: 17 });
  call('GET', `/ssh_keys/${String(id)}`);
  expect(cloud.violations()).toEqual([expect.stringMatching(/^GET \/ssh_keys\/\{id\} 200: .*string/)]);
});

it('counts requests, and refuses those beyond the bucket until one came back', () => {
  const answers = Array.from({ length: 31 }, () => call('GET', '/ssh_keys'));
  expect(answers[0]?.headers).toMatchObject({ 'ratelimit-limit': '30', 'ratelimit-remaining': '29' });
  expect(answers.at(-1)).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
  now += 1_000;
  expect(call('GET', '/ssh_keys').status).toBe(200);
});

it('lists actions by their ids, and by no more than 25 of them', () => {
  const refused = [call('GET', '/actions'), call('GET', `/actions?${'id=1&'.repeat(26)}`)];
  expect(refused.map(({ status }) => status)).toEqual([422, 422]);
});

it.each([
  ['team=blue', true],
  ['team==blue,tier', true],
  ['team!=blue', false],
  ['!missing', true],
  ['team in (red,blue)', true],
  ['tier notin (one,two)', false],
])('understands the selector %s', (selector, is) => {
  expect(selected(selector)({ team: 'blue', tier: 'one' })).toBe(is);
});

it('says of every rule where it is known from', () => {
  expect(Object.values(RULES).filter(({ source }) => source.length < 10)).toEqual([]);
});
