import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyService, unwrapAny, wrapFor } from '../../../platform/secrets/keys/services.ts';
import { newFileKey, sealText } from '../../../platform/secrets/sops/sealing.ts';
import { entriesOf } from '../../../schemas/sops/listing.ts';
import { type Fault, FAULT_CODES } from '../../../schemas/fault.ts';
import { isFlaw } from '../../../schemas/sops/format.ts';
import type { Recipient } from '../../../schemas/sops/metadata.ts';
import { secretsFile } from '../../../schemas/sops/place.ts';
import { hasMoto, startMoto } from '../../providers/aws/moto-server.ts';
import { keyContract } from './key-contract.ts';
import { type KeyServer, startTransit } from './key-servers.ts';
import { contents, IDENTITY, opened, RECIPIENT, RECORDED, sealed, SURROUNDINGS } from './recorded.ts';

const hasSops = spawnSync('sops', ['--version'], { stdio: 'ignore' }).status === 0;
const hasAge = spawnSync('age', ['--version'], { stdio: 'ignore' }).status === 0;
if (!hasSops) process.stderr.write('SKIPPED: files of secrets were not compared with sops, because it is missing\n');
if (!hasAge) process.stderr.write('SKIPPED: keys were not compared with age, because it is missing\n');
const isMoto = hasMoto('the key service of AWS');

const place = mkdtempSync(join(tmpdir(), 'sops-'));
const names = readdirSync(`${RECORDED}plain`);
const sealedName = (name: string): string => name.replace('.', '.sops.');
const set: { [name: string]: string } = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-central-1',
};
let transit: KeyServer;
let moto: { readonly url: string; stop(): void } | null = null;
let arn = '';

beforeAll(async () => {
  transit = await startTransit();
  writeFileSync(join(place, 'key.txt'), `${IDENTITY}\n`, { mode: 0o600 });
  if (!isMoto) return;
  moto = await startMoto();
  Object.assign(process.env, set, { AWS_ENDPOINT_URL: moto.url });
  arn = await newKey();
});
afterAll(async () => {
  await transit.close();
  moto?.stop();
  for (const name of [...Object.keys(set), 'AWS_ENDPOINT_URL']) delete process.env[name];
  rmSync(place, { recursive: true });
});

async function newKey(): Promise<string> {
  const reply = await new KMSClient({}).send(new CreateKeyCommand({}));
  return reply.KeyMetadata?.Arn ?? '';
}

/** The real program, which may take a server of ours for a Vault, without holding up that server. */
async function sops(args: readonly string[], env: { readonly [name: string]: string } = {}): Promise<Buffer> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const all = { ...process.env, SOPS_AGE_KEY_FILE: join(place, 'key.txt'), ...env };
    execFile('sops', [...args], { env: all, encoding: 'buffer' }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr.toString())),
    );
  });
}

async function ours(name: string, recipients: readonly Recipient[], surroundings = SURROUNDINGS): Promise<string> {
  const file = secretsFile(`secrets/${sealedName(name)}`);
  if (file === null) throw new Error(name);
  const key = newFileKey();
  const keys = await wrapFor(key, recipients, surroundings);
  const selection = { unencrypted_suffix: '_plain' };
  const plain = readFileSync(`${RECORDED}plain/${name}`);
  const path = join(place, sealedName(name));
  writeFileSync(path, sealText(plain, { file, key, keys, selection, macOnlyEncrypted: false, now: Date.now() }));
  return path;
}

/** Places and values, without types: a number that was written unusually is text here. */
function valuesOf(name: string, text: Buffer): readonly string[] {
  const file = secretsFile(`secrets/${sealedName(name)}`);
  if (file === null || file.isBinary) return [text.toString('latin1')];
  const reading = file.format.read(text.toString('utf8'));
  if (isFlaw(reading)) throw new Error(reading.what);
  return reading.leaves
    .filter(leaf => leaf.kind === 'value')
    .map(leaf => `${leaf.steps.join('/')} ${Number(leaf.text) || leaf.text}`);
}

const AGE: Recipient = { is: 'age', recipient: RECIPIENT };

describe.skipIf(!hasSops)('sops itself', () => {
  it.each(names)('opens %s as we sealed it, and finds no comment it cannot open', async name => {
    const text = await sops(['decrypt', await ours(name, [AGE])]);
    expect(valuesOf(name, text)).toEqual(valuesOf(name, readFileSync(`${RECORDED}plain/${name}`)));
    if (name !== 'db.yaml') expect(text.toString()).not.toContain('ENC[');
  });

  it.each(names)('seals %s so that we open it', async name => {
    const args = ['encrypt', '--age', RECIPIENT, '--filename-override', sealedName(name), `${RECORDED}plain/${name}`];
    const file = await opened(sealedName(name), await sops(args));
    const back = Buffer.from((await sops(['decrypt', await written(name, args)])).toString('latin1'), 'latin1');
    expect(contents(file).length).toBe(file.file.isBinary ? 1 : valuesOf(name, back).length);
  });

  it('refuses what we refuse: a value that was moved', async () => {
    const path = await ours('rotated.yaml', [AGE]);
    const [one = '', two = '', ...rest] = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [one.replace(/ENC.*/, two.slice(5)), two.replace(/ENC.*/, one.slice(5)), ...rest].join('\n'));
    await expect(sops(['decrypt', path])).rejects.toThrow(/Could not decrypt/);
  });

  it('changes a file of ours, and we open the change; rotates it, and we open that', async () => {
    const path = await ours('rotated.yaml', [AGE]);
    await sops(['set', path, '["one"]', '"set by sops itself"']);
    await sops(['rotate', '-i', path]);
    expect(contents(await opened('rotated.sops.yaml', readFileSync(path)))[0]).toBe('one str "set by sops itself"');
  });

  it.each(names)('opens %s with versions that outlived their ciphertexts, and takes no notice of them', async name => {
    const path = await ours(name, [AGE]);
    const open = await opened(sealedName(name), readFileSync(path));
    const [key, selection] = [newFileKey(), { unencrypted_suffix: '_plain' }];
    const keys = await wrapFor(key, [AGE], SURROUNDINGS);
    const plain = readFileSync(`${RECORDED}plain/${name}`);
    const how = { file: open.file, key, keys, selection, macOnlyEncrypted: false, now: Date.now() };
    writeFileSync(path, sealText(plain, { ...how, before: { open, isKeySame: false } }));
    expect(entriesOf(sealed(sealedName(name), readFileSync(path)))).toEqual(entriesOf(open.file));
    expect(valuesOf(name, await sops(['decrypt', path]))).toEqual(valuesOf(name, plain));
    await sops(['rotate', '-i', path]);
    expect(contents(await opened(sealedName(name), readFileSync(path)))).toEqual(contents(open));
  });

  it('shares files with us through a transit key', async () => {
    const environment = { VAULT_ADDR: transit.url, VAULT_TOKEN: transit.token };
    const path = await ours('regex.yaml', [{ is: 'vault', address: transit.url, engine: 'transit', key: 'main' }], {
      ...SURROUNDINGS,
      environment,
    });
    expect((await sops(['decrypt', path], environment)).toString()).toContain('correct horse battery');
    const theirs = await sops(
      [
        'encrypt',
        '--hc-vault-transit',
        `${transit.url}/v1/transit/keys/main`,
        '--filename-override',
        'regex.sops.yaml',
        `${RECORDED}plain/regex.yaml`,
      ],
      environment,
    );
    expect(contents(await opened('regex.sops.yaml', theirs, { ...SURROUNDINGS, environment }))).toContain(
      'password str "correct horse battery"',
    );
  });

  it.skipIf(!isMoto)('shares files with us through a key of AWS KMS', async () => {
    const context = { workspace: 'shop' };
    const path = await ours('regex.yaml', [{ is: 'aws-kms', arn, context }]);
    expect((await sops(['decrypt', path])).toString()).toContain('correct horse battery');
    const theirs = await sops([
      'encrypt',
      '--kms',
      arn,
      '--encryption-context',
      'workspace:shop',
      '--filename-override',
      'regex.sops.yaml',
      `${RECORDED}plain/regex.yaml`,
    ]);
    expect(contents(await opened('regex.sops.yaml', theirs))).toContain('password str "correct horse battery"');
  });
});

async function written(name: string, args: readonly string[]): Promise<string> {
  const path = join(place, `theirs-${sealedName(name)}`);
  writeFileSync(path, await sops(args));
  return path;
}

describe.skipIf(!isMoto)('AWS KMS, as moto has it', () => {
  keyContract('AWS KMS', () =>
    Promise.resolve({
      recipient: { is: 'aws-kms', arn, context: { workspace: 'shop' } },
      surroundings: SURROUNDINGS,
      stranger: null,
      down: null,
    }),
  );

  it('binds a data key to its context', async () => {
    const wrapped = await keyService({ is: 'aws-kms', arn, context: { workspace: 'shop' } }, SURROUNDINGS).wrap(
      newFileKey(),
    );
    const other = keyService({ is: 'aws-kms', arn, context: { workspace: 'other' } }, SURROUNDINGS);
    await expect(other.unwrap(wrapped)).rejects.toMatchObject({ code: 'integrity' });
  });

  it('says that an unknown key cannot be used now', async () => {
    const unknown = keyService({ is: 'aws-kms', arn: `${arn.slice(0, -4)}0000` }, SURROUNDINGS);
    await expect(unknown.wrap(newFileKey())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

/** moto opens with a disabled key too, so the answers that AWS documents come from a server of ours. */
it.each(['DisabledException', 'KMSInvalidStateException'])(
  'S9: %s ends with 7, and says that the key is why',
  async name => {
    const server = createServer((_asked, answer) =>
      answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(`{"__type":"${name}","message":"x"}`),
    );
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const before = process.env['AWS_ENDPOINT_URL'];
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, set, { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
    const recipient = { is: 'aws-kms', arn: 'arn:aws:kms:eu-central-1:123456789012:key/one' } as const;
    const work = unwrapAny('secrets/db.sops.yaml', [{ recipient, enc: 'AAAA' }], SURROUNDINGS);
    const fault = (await work.catch((error: unknown) => error)) as Fault;
    server.close();
    if (before !== undefined) process.env['AWS_ENDPOINT_URL'] = before;
    expect(FAULT_CODES[fault.code]).toBe(7);
    expect(fault.problems[0]?.why).toBe(`the key is not usable (${name})`);
  },
);

describe.skipIf(!hasAge)('age of Debian', () => {
  it('opens a data key that we wrapped, and we open one of its own', async () => {
    const key = newFileKey();
    const [wrapped] = await wrapFor(key, [AGE], SURROUNDINGS);
    const theirs = execFileSync('age', ['-d', '-i', join(place, 'key.txt')], { input: wrapped?.enc ?? '' });
    expect(theirs).toEqual(Buffer.from(key));
    const enc = execFileSync('age', ['-a', '-r', RECIPIENT], { input: key, encoding: 'utf8' });
    expect(Buffer.from((await keyService(AGE, SURROUNDINGS).unwrap(enc)) ?? [])).toEqual(Buffer.from(key));
  });
});
