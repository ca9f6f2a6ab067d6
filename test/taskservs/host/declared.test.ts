import { assert, pre, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ServiceFile } from '../../../schemas/service-file.ts';
import { declaredService } from '../../../taskservs/host/declared.ts';

const TEXT = `
summary: Says hello over HTTP.
categories: [development]
holdsData: false
parameters:
  port: { type: number, description: Port., default: 8080, min: 1, max: 65535 }
  greeting: { type: text, description: What is said., pattern: '^[^\\n]*$' }
  words: { type: list, description: Further words., default: [] }
  token: { type: secret, description: Token. }
  noisy: { type: truth, description: Say more., default: false }
ports:
  - { port: '\${port}', reach: network, purpose: greetings }
endpoint: http://\${host.address}:\${port}
items:
  - { is: package, name: hello, version: '\${version}' }
  - { is: directory, path: /srv/hello }
  - { is: file, path: /srv/hello/token, text: '\${token}', mode: '0600', isSecret: true }
  - { is: file, path: /srv/hello/noise, text: 'costs $$5', when: noisy }
  - { is: verify, title: it is said, run: [hello, --say, '\${greeting}', '\${words}'] }
`;
const place = { server: 'web-1', address: '10.0.1.5', architecture: 'amd64', codename: 'bookworm' } as const;
const hello = declaredService('hello', ServiceFile.parse(parse(TEXT)));
const given = { version: '2.10-3', greeting: 'good morning', token: 'correct-horse' };

describe('a service of a workspace', () => {
  it('is the data of its file with the values put in', () => {
    expect(hello.want({ ...given, words: ['a b', 'c'] }, place)).toEqual([
      { is: 'package', name: 'hello', version: '2.10-3' },
      { is: 'directory', path: '/srv/hello', mode: 0o755 },
      { is: 'file', path: '/srv/hello/token', text: 'correct-horse', mode: 0o600, isSecret: true },
      { is: 'verify', title: 'it is said', run: ['hello', '--say', 'good morning', 'a b', 'c'] },
    ]);
    expect(hello.want({ ...given, noisy: true }, place)[3]).toMatchObject({ text: 'costs $5' });
    expect(hello.ports(given)).toEqual([{ port: 8080, protocol: 'tcp', reach: 'network', purpose: 'greetings' }]);
    expect(hello.endpoint(given, place)).toBe('http://10.0.1.5:8080');
  });

  it('keeps every value one word, whatever it holds', () => {
    assert(
      property(string({ unit: 'grapheme' }), greeting => {
        pre(!greeting.includes('\n'));
        expect(hello.want({ ...given, greeting }, place).at(-1)).toMatchObject({ run: ['hello', '--say', greeting] });
      }),
    );
  });

  it('refuses what does not fit its parameters', () => {
    const problems = (parameters: object) =>
      hello.parameters().safeParse({ ...given, version: undefined, ...parameters });
    expect(hello.parameters().safeParse({ greeting: 'x', token: 'short' }).success).toBe(false);
    expect(hello.parameters().safeParse({ greeting: 'x', token: 'no "quotes" here' }).success).toBe(false);
    expect(problems({ port: 70_000 }).success).toBe(false);
  });
});
