import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { KeySurroundings } from '../../../platform/secrets/keys/reach.ts';
import { sopsStore } from '../../../platform/secrets/store.ts';
import { exitCode, renderProblems } from '../../../schemas/problem.ts';
import { Fault } from '../../../schemas/fault.ts';
import { IDENTITY, RECIPIENT, RECORDED, SURROUNDINGS } from './recorded.ts';

const OTHER = /AGE-SECRET-KEY-\S+/.exec(readFileSync(`${RECORDED}other.txt`, 'utf8'))?.[0] ?? '';
const place = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(place, { recursive: true }));

/** A file that sops wrote, changed in one way; what is asked of it; and how that is refused. */
interface Case {
  readonly name: string;
  readonly file?: string;
  readonly change?: (text: string) => string;
  readonly rules?: string;
  readonly path?: string;
  readonly surroundings?: Partial<KeySurroundings>;
  readonly exit: number;
  readonly says: readonly string[];
}

const swapped = (text: string): string => {
  const [one = '', two = '', ...rest] = text.split('\n');
  return [
    one.replace(/ENC.*/, /ENC.*/.exec(two)?.[0] ?? ''),
    two.replace(/ENC.*/, /ENC.*/.exec(one)?.[0] ?? ''),
    ...rest,
  ].join('\n');
};
const flipped = (text: string): string =>
  text.replace(/data:(.)/, (_all, first: string) => `data:${first === 'A' ? 'B' : 'A'}`);
const keyFile = (mode: number): Partial<KeySurroundings> => {
  const path = join(place, `key-${mode.toString(8)}`);
  writeFileSync(path, `${IDENTITY}\n`);
  chmodSync(path, mode);
  return { environment: { SOPS_AGE_KEY_FILE: path } };
};
const vault = (text: string): string =>
  text
    .replace(
      / {4}hc_vault: \[\]/,
      '    hc_vault:\n        - vault_address: http://127.0.0.1:22499\n          engine_path: transit\n          key_name: k\n          enc: vault:v1:abc',
    )
    .replace(/ {4}age:[\s\S]*?(?= {4}lastmodified)/, '    age: []\n');

const CASES: readonly Case[] = [
  {
    name: 'S1 a file that is not encrypted',
    change: () => 'one: correct horse battery\ntwo: staple\n',
    exit: 3,
    says: ['plaintext in a secrets file', '(one, two)', 'treat the values as leaked'],
  },
  { name: 'S2 no MAC', change: text => text.replace(/ {4}mac: .*\n/, ''), exit: 9, says: ['it has no MAC'] },
  {
    name: 'S2 an empty MAC',
    change: text => text.replace(/ {4}mac: .*\n/, '    mac: ""\n'),
    exit: 9,
    says: ['it has no MAC'],
  },
  { name: 'S3 a flipped byte', change: flipped, exit: 9, says: ['value at `one`', 'changed after encryption'] },
  {
    name: 'S3 a value taken out',
    change: text => text.replace(/^two: .*\n/m, ''),
    exit: 9,
    says: ['changed after encryption: values were removed'],
  },
  {
    name: 'S3 keys reordered',
    change: text => text.replace(/^(one: .*\n)(two: .*\n)/, '$2$1'),
    exit: 9,
    says: ['reordered'],
  },
  {
    name: 'S3 a value added in plain text',
    change: text => `three: added by hand\n${text}`,
    exit: 9,
    says: ['value at `three` stands in plain text'],
  },
  {
    name: 'S3 the MAC of another time',
    change: text => text.replace(/(lastmodified: "\d\d\d)\d/, '$10'),
    exit: 9,
    says: ['its MAC is damaged, or was made for another time'],
  },
  {
    name: 'S3 a truncated file',
    change: text => text.slice(0, text.indexOf('    lastmodified')),
    exit: 3,
    says: ['its sops metadata is not in the format'],
  },
  {
    name: 'S4 a password left out of encryption',
    file: 'two.sops.env',
    change: text => `PASSWORD_plain=correct horse\n${text}`,
    exit: 3,
    says: ['PASSWORD_plain is named like a secret'],
  },
  {
    name: 'S4 mac_only_encrypted',
    file: 'suffix.sops.json',
    path: 'suffix/password_enc',
    exit: 3,
    says: ['mac_only_encrypted leaves 2 values that anyone can change unseen'],
  },
  {
    name: 'S5 two values exchanged',
    change: swapped,
    exit: 9,
    says: ['value at `one` was not encrypted for this place'],
  },
  {
    name: 'S6 no identity',
    surroundings: { environment: {} },
    exit: 8,
    says: ['no identity for any of its recipients', RECIPIENT],
  },
  {
    name: 'S6 another identity',
    file: 'regex.sops.yaml',
    path: 'regex/password',
    surroundings: { environment: { SOPS_AGE_KEY: OTHER } },
    exit: 8,
    says: [RECIPIENT],
  },
  {
    name: 'S7 a recipient that nobody named',
    rules: `creation_rules:\n  - age: ${RECIPIENT}\n`,
    exit: 3,
    says: ['is also encrypted for age10nslx3lv', 'written by somebody else'],
  },
  {
    name: 'S7 a key of PGP that nobody could name',
    file: 'regex.sops.yaml',
    path: 'regex/password',
    change: text => text.replace('    pgp: []', '    pgp:\n        - fp: ABCD\n          enc: x'),
    rules: `creation_rules:\n  - age: ${RECIPIENT}\n`,
    exit: 3,
    says: ['is also encrypted for a key in its list pgp'],
  },
  {
    name: 'S8 a key file that the group can read',
    surroundings: keyFile(0o640),
    exit: 8,
    says: ['can be read by others (mode 0640)', 'chmod 600'],
  },
  {
    name: 'S8 a key file that everybody can read',
    surroundings: keyFile(0o644),
    exit: 8,
    says: ['can be read by others (mode 0644)'],
  },
  {
    name: 'S8 a key file that is missing',
    surroundings: { environment: { SOPS_AGE_KEY_FILE: join(place, 'none') } },
    exit: 8,
    says: ['which is not there'],
  },
  {
    name: 'S9 a key service that is down',
    change: vault,
    surroundings: { environment: { VAULT_ADDR: 'http://127.0.0.1:22499', VAULT_TOKEN: 'token' } },
    exit: 7,
    says: ['Vault Transit cannot open or wrap a data key', 'Nothing was changed'],
  },
  {
    name: 'an address in a file that decides where a token goes',
    change: vault,
    surroundings: { environment: { VAULT_ADDR: 'https://vault.example', VAULT_TOKEN: 'token' } },
    exit: 8,
    says: ['set VAULT_ADDR to'],
  },
  {
    name: 'S11 a secret that is not there',
    path: 'rotated/onee',
    exit: 3,
    says: ['there is no secret rotated/onee', 'did you mean rotated/one?'],
  },
  {
    name: 'S12 a secret that is too short',
    file: 'app.sops.env',
    path: 'app/A',
    exit: 3,
    says: ['app/A has fewer than 8 characters'],
  },
  { name: 'S13 bytes that are no text', file: 'bin.sops.pem', path: 'bin', exit: 3, says: ['bin is not text'] },
  {
    name: 'keys split between groups',
    change: text => text.replace('    lastmodified', '    shamir_threshold: 2\n    key_groups: []\n    lastmodified'),
    exit: 3,
    says: ['splits its data key between groups'],
  },
  { name: 'an anchor', change: text => `zero: &a x\n${text}`, exit: 3, says: ['anchors, aliases and tags'] },
  {
    name: 'a rule that could take for ever',
    rules: 'creation_rules:\n  - path_regex: (a+)+$\n    age: x\n',
    exit: 3,
    says: ['path_regex of rule 1 is not read here'],
  },
  {
    name: 'a name that is none of a secrets file',
    rules: '',
    file: 'rotated.sops.yaml',
    change: text => text,
    path: 'x',
    exit: 3,
    says: ['it is not read as creation rules'],
  },
];

describe('a secret is refused, nothing is changed, and no value is shown:', () => {
  it.each(CASES)(
    '$name',
    async ({ file = 'rotated.sops.yaml', change = text => text, rules, path, surroundings, exit, says }) => {
      const bytes = readFileSync(`${RECORDED}sealed/${file}`);
      const text = change(bytes.toString('utf8'));
      const files = new Map<string, Uint8Array>([[`secrets/${file}`, Buffer.from(text)]]);
      if (rules !== undefined) files.set('secrets/.sops.yaml', Buffer.from(rules));
      const noted: string[] = [];
      const failure = await attempt(async () => {
        const store = sopsStore({ ...SURROUNDINGS, ...surroundings });
        const secrets = store.open(files, what => Promise.resolve(void noted.push(what.path)));
        await secrets.reveal(path ?? 'rotated/one', 'a test');
      });
      expect(failure).toBeInstanceOf(Fault);
      const shown = renderProblems(failure as Fault);
      for (const part of says) expect(shown).toContain(part);
      expect(exitCode(failure as Fault)).toBe(exit);
      expect((failure as Fault).nothingChanged).toBe(true);
      for (const value of ['correct horse', 'staple', IDENTITY, OTHER]) expect(shown).not.toContain(value);
      // Whatever was asked for and is there was noted before anything was opened.
      expect(noted.length).toBeLessThanOrEqual(1);
    },
  );
});

async function attempt(work: () => Promise<void>): Promise<unknown> {
  try {
    await work();
    return null;
  } catch (error) {
    return error;
  }
}

it('S13: quotes, line ends, dollars and letters of every kind come out byte for byte', async () => {
  const file = (name: string): [string, Uint8Array] => [`secrets/${name}`, readFileSync(`${RECORDED}sealed/${name}`)];
  const asked: string[] = [];
  const files = new Map([file('db.sops.yaml'), file('unicode.sops.yaml'), file('app.sops.env')]);
  const secrets = sopsStore(SURROUNDINGS).open(files, what =>
    Promise.resolve(void asked.push(`${what.path} for ${what.purpose}`)),
  );
  expect((await secrets.reveal('db/nested/key', 'one')).reveal()).toBe(
    '-----BEGIN X-----\nabc\n\ndef\n-----END X-----\n',
  );
  expect((await secrets.reveal('unicode/uni', 'two')).reveal()).toBe('pässword – ☃ 🔑');
  const url = await secrets.reveal('app/URL', 'three');
  expect(`${url} ${JSON.stringify({ url })}`).toBe('[secret app/URL] {"url":"[secret app/URL]"}');
  expect(url.reveal()).toBe('postgres://u:p@h/d?x=1#f');
  expect(asked).toEqual(['db/nested/key for one', 'unicode/uni for two', 'app/URL for three']);
  secrets.close();
});

it('lists paths and versions without any identity', () => {
  const files = new Map([['secrets/rotated.sops.yaml', readFileSync(`${RECORDED}sealed/rotated.sops.yaml`)]]);
  const none = { environment: {}, fetch: () => Promise.reject(new Error('asked')), folder: '/nowhere' };
  const { entries } = sopsStore(none).open(files, () => Promise.reject(new Error('noted')));
  expect(entries.map(({ path, line }) => `${path}:${line}`)).toEqual(['rotated/one:1', 'rotated/two:2']);
  for (const { version } of entries) expect(version).toMatch(/^[0-9a-f]{12}$/);
});
