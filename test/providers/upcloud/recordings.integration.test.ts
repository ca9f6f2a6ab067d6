import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../../schemas/json.ts';
import { recordingsIn, replay, type Replayed } from './replay.ts';

/** Folder with what was recorded at the real UpCloud. It is no part of this repository. */
const FOLDER = process.env['PROVISIONING_UPCLOUD_RECORDINGS'];

interface Allowed {
  readonly route: RegExp;
  readonly difference: RegExp;
  readonly why: string;
}

/** Fields that the fake answers with, because UpCloud does today, and that older recordings do not have. */
const LATER: readonly (readonly [RegExp, string])[] = [
  [/\.server_group is too many$/, 'servers name their group since 2023'],
  [/\.(?:release_policy|storage_encrypted|devices) is too many$/, 'servers have it since 2025'],
  [/\.dhcp_provided is too many$/, 'interfaces have it since October 2022'],
  [/\.(?:labels|encrypted) is too many$/, 'labels came one kind after the other, 2022 to 2025'],
  [/\.(?:effective_routes|dhcp_effective_routes) is too many$/, 'networks have it since 2024'],
  [/\.attached_network_gateways is too many$/, 'routers have it since 2023'],
  [/\.ip_addresses is too many$/, 'load balancers have it since 2025'],
  [
    /\.(?:tls_configs|tls_enabled|tls_verify|tls_use_system_ca|http2_enabled) is too many$/,
    'backends have TLS since 2023',
  ],
  [
    /\.(?:health_check_on_down|inbound_proxy_protocol|sticky_session_cookie_attributes) is too many$/,
    'added between 2023 and 2026',
  ],
  [/\.services is too many$/, 'lists of certificate bundles name services since 2026'],
];

const ALLOWED: readonly Allowed[] = [
  ...LATER.map(([difference, why]) => ({ route: /./, difference, why })),
  {
    route: /^(?:POST server|GET server\/\*)$/,
    difference: /\.host is (?:too many|missing)$/,
    why: 'until 2022 a server that is being created has no host yet',
  },
  {
    route: /^GET storage\/\*\/import$/,
    difference: /\.state is pending, not /,
    why: 'the state follows an upload to another machine, which was not recorded',
  },
  {
    route: /^POST network$/,
    difference: /\.dhcp_routes_configuration is missing$/,
    why: 'in 2025 UpCloud began to answer with it though nobody had sent it',
  },
  {
    route: /^GET server\/\*$/,
    difference: /\.progress is too many$/,
    why: 'it shows during a part of the time in which a server is made',
  },
  { route: /^GET network\/\*$/, difference: /\.dhcp_dns is too many$/, why: 'the recorded network is an IPv6 one' },
  { route: /^POST storage$/, difference: /\.created is too many$/, why: 'recorded with the time taken out' },
  { route: /^POST storage\/\*\/templatize$/, difference: /\.progress is too many$/, why: 'only templates do not tell' },
];

function isAllowed({ route }: Replayed, difference: string): boolean {
  return ALLOWED.some(one => one.route.test(route) && one.difference.test(difference));
}

describe.skipIf(FOLDER === undefined)('the fake UpCloud and 821 recorded exchanges with the real one', () => {
  const recorded = FOLDER === undefined ? [] : recordingsIn(FOLDER);
  const fixtures = [...new Set(recorded.map(step => step.fixture))];
  const replayed = fixtures.flatMap(name => replay(recorded.filter(step => step.fixture === name)));

  it('answers with the same statuses and shapes, but for the differences that are listed', () => {
    const exact = replayed.filter(one => one.differences.length === 0).length;
    const wrong = replayed.flatMap(one =>
      one.differences
        .filter(difference => !isAllowed(one, difference))
        .map(difference => `${one.recorded.fixture} #${one.recorded.n} ${one.route}: ${difference}`),
    );
    const status = replayed.filter(one => one.status === one.recorded.status).length;
    const unlike = new Set(wrong.map(line => line.split(' ').slice(0, 2).join(' '))).size;
    process.stdout.write(
      `UpCloud recordings: ${replayed.length} replayed, ${status} with the recorded status, ${exact} alike in every ` +
        `field, ${replayed.length - unlike} alike but for the ${ALLOWED.length} listed differences\n`,
    );
    expect(wrong).toEqual([]);
    expect(replayed).toHaveLength(821);
  });

  it('lists no difference that does not occur', () => {
    const unused = ALLOWED.filter(
      allowed =>
        !replayed.some(
          one =>
            allowed.route.test(one.route) && one.differences.some(difference => allowed.difference.test(difference)),
        ),
    );
    expect(unused.map(one => one.why)).toEqual([]);
  });

  it('answers as the schemas say that were derived from the recordings', () => {
    const schemas = schemasIn(FOLDER ?? '');
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    let checked = 0;
    const wrong: string[] = [];
    for (const one of replayed) {
      const found = schemas.find(schema => schema.matches(one));
      // Lists without a wrapper have no schema: their items are compared with the recordings alone.
      if (found === undefined || found.response === null || one.body === null) continue;
      checked += 1;
      if (ajv.validate(found.response, one.body)) continue;
      const errors = (ajv.errors ?? []).map(error => `${error.instancePath} ${error.message}`);
      wrong.push(`${one.recorded.fixture} #${one.recorded.n} ${one.route}: ${errors.slice(0, 3).join('; ')}`);
    }
    process.stdout.write(`UpCloud recordings: ${checked} answers of the fake checked with the schemas\n`);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThan(700);
  });
});

interface Schema {
  readonly response: object | null;
  matches(one: Replayed): boolean;
}

/** Schemas by `METHOD path status`; a part of a path in braces is open. Those without any come first. */
function schemasIn(folder: string): readonly Schema[] {
  const all = JSON.parse(readFileSync(join(folder, 'observed-schemas.json'), 'utf8')) as { [key: string]: unknown };
  const keys = Object.keys(all).sort((a, b) => a.split('{').length - b.split('{').length);
  return keys.map(key => {
    const [method = '', path = '', status = ''] = key.split(' ');
    const entry = all[key];
    const response = isObject(entry) ? entry['response'] : undefined;
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`);
    return {
      response: isObject(response) ? response : null,
      matches: (one: Replayed) =>
        one.recorded.method === method &&
        String(one.status) === status &&
        pattern.test(one.recorded.url.split('?')[0] ?? ''),
    };
  });
}
