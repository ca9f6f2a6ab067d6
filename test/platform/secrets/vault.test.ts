import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nativeGit } from '../../../platform/git/native.ts';
import type { Vault } from '../../../platform/secrets/port.ts';
import { sopsStore } from '../../../platform/secrets/store.ts';
import { openVault } from '../../../platform/secrets/vault/vault.ts';
import { listSecrets } from '../../../schemas/sops/listing.ts';
import { versionOf } from '../../../schemas/sops/versions.ts';
import { RECIPIENT } from './recorded.ts';

const place = mkdtempSync(join(tmpdir(), 'vault-'));
const folder = join(place, 'workspace');
const keys = join(place, 'keys');
const EDITOR = join(place, 'editor.sh');
const surroundings = { environment: { EDITOR }, fetch: globalThis.fetch, folder: keys };
const vault: Vault = openVault({ ...surroundings, now: () => 1_700_000_000_000, git: nativeGit() });
const text = (value: string): Uint8Array => Buffer.from(value);
const plain = { isBinary: false };
let own = '';

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
}

async function value(path: string): Promise<string> {
  const names = readdirSync(join(folder, 'secrets'));
  const files = new Map(names.map(name => [`secrets/${name}`, readFileSync(join(folder, 'secrets', name))]));
  return (
    await sopsStore(surroundings)
      .open(files, () => Promise.resolve())
      .reveal(path, 'test')
  ).reveal();
}

const read = (name: string): string => readFileSync(join(folder, 'secrets', name), 'utf8');
const cipherOf = (file: string): string => /^password: (.*)$/m.exec(file)?.[1] ?? '';
const versions = (): { readonly [path: string]: string } => {
  const files = new Map(readdirSync(join(folder, 'secrets')).map(name => [`secrets/${name}`, Buffer.from(read(name))]));
  return Object.fromEntries(listSecrets(files).entries.map(entry => [entry.path, entry.version]));
};
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: { problems?: readonly { id: string }[] }) => error.problems?.[0]?.id,
  );

beforeAll(async () => {
  execFileSync('git', ['init', '-q', '-b', 'main', folder]);
  git('config', 'user.name', 'author');
  git('config', 'user.email', 'author@example.com');
  own = (await vault.keygen()).recipient;
});
afterAll(() => rmSync(place, { recursive: true }));

it('makes keys that only their owner can read, once', async () => {
  expect(readdirSync(keys).toSorted()).toEqual(['age.txt', 'local.key']);
  for (const name of readdirSync(keys)) expect(statSync(join(keys, name)).mode & 0o777).toBe(0o600);
  expect((await vault.keygen()).recipient).toBe(own);
});

it('refuses to encrypt for nobody, and writes nothing', async () => {
  expect(await codeOf(vault.set(folder, 'db/password', text('correct horse'), plain))).toBe('SEC-RULES');
  expect(existsSync(join(folder, 'secrets'))).toBe(false);
});

it('sets, changes and takes out values, and leaves the others as they are', async () => {
  await vault.recipients(folder, { add: [own], remove: [] });
  const first = await vault.set(folder, 'db/password', text('correct horse'), plain);
  expect(first).toEqual({ files: ['secrets/db.sops.yaml'], paths: ['db/password'] });
  await vault.commit(folder, ['secrets/.sops.yaml', ...first.files], 'one');
  const line = read('db.sops.yaml').split('\n')[0] ?? '';
  const odd = 'a"b\'c$d\\e\n\tf #g: {h}\u0000';
  await vault.set(folder, 'db/admin/password', text(odd), plain);
  expect(read('db.sops.yaml')).toContain(line);
  expect(await value('db/admin/password')).toBe(odd);
  await vault.set(folder, 'db/password', text('battery staple'), plain);
  expect(read('db.sops.yaml')).not.toContain(line);
  await vault.commit(folder, ['secrets/db.sops.yaml'], 'two');
  expect((await vault.remove(folder, 'db/admin/password')).paths).toEqual(['db/admin/password']);
  expect(await codeOf(value('db/admin/password'))).toBe('SEC-MISSING');
  expect(await value('db/password')).toBe('battery staple');
});

it('tells the versions of a secret without a key', async () => {
  const other = openVault({ ...surroundings, folder: join(place, 'none'), now: () => 0, git: nativeGit() });
  const versions = await other.history(folder, 'db/password');
  expect(versions.map(({ author }) => author)).toEqual(['author', 'author']);
  expect(new Set(versions.map(({ version }) => version)).size).toBe(2);
  expect((await other.history(folder, 'db/admin/password')).length).toBe(1);
  expect(await other.history(folder, 'db/nothing')).toEqual([]);
});

it('refuses what cannot be kept: too short, no key in a file, no text', async () => {
  const before = read('db.sops.yaml');
  expect(await codeOf(vault.set(folder, 'db/pin', text('1234567'), plain))).toBe('SEC-SHORT');
  expect(await codeOf(vault.set(folder, 'alone', text('long enough'), plain))).toBe('SEC-PATH');
  expect(await codeOf(vault.set(folder, 'db/bytes', Buffer.alloc(20, 0xff), plain))).toBe('SEC-BYTES');
  expect(await codeOf(vault.set(folder, 'db/password/inside', text('long enough'), plain))).toBe('SEC-BYTES');
  expect(read('db.sops.yaml')).toBe(before);
});

it('keeps a binary secret byte for byte', async () => {
  const bytes = Buffer.from([...Array(256).keys()]);
  await vault.set(folder, 'tls', bytes, { isBinary: true });
  expect(readdirSync(join(folder, 'secrets'))).toContain('tls.sops.bin');
  expect(await codeOf(value('tls'))).toBe('SEC-BYTES');
});

it('adds a recipient with the same key, and takes one out with a new one', async () => {
  const before = read('db.sops.yaml').split('\n')[0] ?? '';
  const added = await vault.recipients(folder, { add: [RECIPIENT], remove: [] });
  expect(added.recipients).toEqual([own, RECIPIENT]);
  expect(added.paths).toEqual([]);
  expect(read('db.sops.yaml')).toContain(before);
  expect(read('db.sops.yaml')).toContain(RECIPIENT);
  const removed = await vault.recipients(folder, { add: [], remove: [RECIPIENT] });
  expect(removed.paths).toEqual([]);
  expect(removed.files).toContain('secrets/db.sops.yaml');
  expect(read('db.sops.yaml')).not.toContain(RECIPIENT);
  expect(await value('db/password')).toBe('battery staple');
  expect((await vault.recipients(folder, { add: [], remove: [] })).files).toEqual([]);
});

it('takes the local key as a recipient beside the others', async () => {
  const { local } = await vault.keygen();
  await vault.recipients(folder, { add: [`local:${local}`], remove: [own] });
  expect(read('db.sops.yaml')).not.toContain(own);
  expect(await value('db/password')).toBe('battery staple');
  await vault.recipients(folder, { add: [own], remove: [`local:${local}`] });
  expect(await value('db/password')).toBe('battery staple');
});

it('lets an editor change a file, and leaves no plain text behind', async () => {
  writeFileSync(
    EDITOR,
    `#!/bin/sh\necho "$1" > ${place}/seen\nstat -c %a "$1" >> ${place}/seen\nsed -i s/staple/charge/ "$1"\n`,
    { mode: 0o755 },
  );
  expect((await vault.edit(folder, 'db')).paths).toEqual(['db/password']);
  expect(await value('db/password')).toBe('battery charge');
  const [path = '', mode] = readFileSync(join(place, 'seen'), 'utf8').split('\n');
  expect(mode).toBe('600');
  expect(existsSync(path)).toBe(false);
  expect((await vault.edit(folder, 'db')).files).toEqual([]);
});

it('rotates every file: other ciphertexts, the same values and versions', async () => {
  const before = { text: read('db.sops.yaml'), versions: versions() };
  expect(await vault.rotate(folder, null)).toEqual({
    files: ['secrets/db.sops.yaml', 'secrets/tls.sops.bin'],
    paths: [],
  });
  expect(await value('db/password')).toBe('battery charge');
  expect(versions()).toEqual(before.versions);
  expect(cipherOf(read('db.sops.yaml'))).not.toBe(cipherOf(before.text));
  // What was kept over one new key is kept over the next, and a value that is set again is another version of that alone.
  await vault.rotate(folder, null);
  await vault.set(folder, 'db/other', text('something else'), plain);
  expect(versions()).toMatchObject(before.versions);
  expect((await vault.set(folder, 'db/password', text('battery charge!'), plain)).paths).toEqual(['db/password']);
  expect(versions().tls).toBe(before.versions.tls);
  expect(versions()['db/password']).not.toBe(before.versions['db/password']);
});

it('refuses a version that somebody without the key wrote: an old value would pass for the present one', async () => {
  const path = join(folder, 'secrets/db.sops.yaml');
  const old = read('db.sops.yaml');
  await vault.rotate(folder, 'db');
  const now = read('db.sops.yaml');
  const [version = ''] = Object.values(versions());
  const forged = `    provisioning:
        versions:
            "${versionOf(cipherOf(old), undefined)}": "${version}"
        seal: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:versions]
`;
  for (const text of [
    `${old}${forged}`,
    now.replace(/^( +[0-9a-f"]{12,14}: )"?[0-9a-f]{12}"?$/m, '$1"0123456789ab"'),
  ]) {
    expect([old, now]).not.toContain(text);
    writeFileSync(path, text);
    expect(await codeOf(value('db/password'))).toBe('SEC-INTEGRITY');
  }
  writeFileSync(path, now);
  expect(await value('db/password')).toBe('battery charge!');
});
