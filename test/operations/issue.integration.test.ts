import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sshCertificate } from '../../platform/secrets/issue/ssh-certificate.ts';
import { type Ended, run } from '../../scripts/crash/program.ts';
import { hasMoto, startMoto } from '../providers/aws/moto-server.ts';
import { newKey } from '../platform/ssh/keys.ts';
import { openSshd, type SshdSite } from '../platform/ssh/sshd.ts';

/** Credentials that end by themselves, issued by the shipped program, and used. */
const place = mkdtempSync(join(tmpdir(), 'issue-'));
const at = (path: string): string => join(place, path);
const [authority, own] = [newKey(), newKey()];
let sshd: SshdSite;

const program = (
  args: readonly string[],
  more: { env?: { [name: string]: string }; input?: string } = {},
): Promise<Ended> => run({ args, home: at('home'), ...more });
const answer = async (args: readonly string[], env = {}): Promise<{ readonly [field: string]: unknown }> => {
  const { code, stdout, stderr } = await program([...args, '--json'], { env });
  if (code !== 0) throw new Error(`${args.join(' ')}: ${code} ${stdout} ${stderr}`);
  return JSON.parse(stdout) as { readonly [field: string]: unknown };
};

beforeAll(async () => {
  mkdirSync(at('home'), { mode: 0o700 });
  mkdirSync(at('shop'));
  writeFileSync(at('key'), own.private, { mode: 0o600 });
  writeFileSync(at('key.pub'), `${own.public}\n`);
  writeFileSync(at('authority.pub'), `${authority.public}\n`);
  writeFileSync(at('revoked'), '');
  sshd = await openSshd([`TrustedUserCAKeys ${at('authority.pub')}`, `RevokedKeys ${at('revoked')}`]);
  writeFileSync(at('known'), `[127.0.0.1]:${sshd.inner} ${sshd.hostKey.public}\n`);
  const { recipient } = await answer(['secret', 'keygen']);
  await answer(['secret', 'recipients', '--add', String(recipient), '-C', at('shop')]);
  await program(['secret', 'set', 'ssh/authority', '-C', at('shop')], { input: authority.private });
});
afterAll(async () => {
  await sshd.close();
  rmSync(place, { recursive: true });
});

/** Whether plain `ssh` gets in with this certificate and the key that it is for. */
function letsIn(certificate: string): boolean {
  writeFileSync(at('key-cert.pub'), `${certificate}\n`);
  const options = [`UserKnownHostsFile=${at('known')}`, 'BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none'];
  const words = [...options, `CertificateFile=${at('key-cert.pub')}`].flatMap(option => ['-o', option]);
  return (
    spawnSync('ssh', ['-F', 'none', ...words, '-i', at('key'), '-p', String(sshd.inner), 'root@127.0.0.1', 'true'])
      .status === 0
  );
}

const issue = (...more: readonly string[]) =>
  answer(['secret', 'issue-ssh', 'ssh/authority', '--key', at('key.pub'), '-C', at('shop'), ...more]);

describe('a certificate for SSH', () => {
  it('lets its key in as whom it says, and is what ssh-keygen takes it for', async () => {
    const { certificate, id } = await issue('--minutes', '30');
    expect(letsIn(String(certificate))).toBe(true);
    const told = execFileSync('ssh-keygen', ['-L', '-f', at('key-cert.pub')], { encoding: 'utf8' });
    expect(told).toContain('Type: ssh-ed25519-cert-v01@openssh.com user certificate');
    expect(told).toContain(`Serial: ${String(id)}`);
    expect(told).toMatch(/Principals: \n\s+root\n\s+Critical Options: \(none\)\n\s+Extensions: \n\s+permit-pty\n/);
    expect(letsIn(String((await issue('--principal', 'other'))['certificate']))).toBe(false);
  });

  it('lets nobody in after its time', async () => {
    // It ends two seconds from now.
    const ask = { publicKey: own.public, principals: ['root'], keyId: 'test', serial: '7', minutes: 1 };
    const { certificate, until } = sshCertificate(authority.private, {
      ...ask,
      now: Date.now() - 57_000,
      nonce: '00'.repeat(32),
    });
    expect(letsIn(certificate)).toBe(true);
    while (letsIn(certificate)) expect(Date.now()).toBeLessThan(until + 5_000);
    expect(Date.now()).toBeGreaterThanOrEqual(until);
  });

  it('can be withdrawn before, and everything about it is noted down, but no key', async () => {
    const [first, second] = [await issue(), await issue()];
    const { revoked } = await answer(['secret', 'withdraw', String(first['id'])]);
    writeFileSync(at('revoked'), Buffer.from(String(revoked), 'base64'));
    expect(letsIn(String(first['certificate']))).toBe(false);
    expect(letsIn(String(second['certificate']))).toBe(true);
    const { issued } = (await answer(['secret', 'issued'])) as { issued: readonly { id: string; state: string }[] };
    const states = new Map(issued.map(({ id, state }) => [id, state]));
    expect(states.get(String(first['id']))).toBe('withdrawn');
    expect(states.get(String(second['id']))).toBe('valid');
    const audit = (await program(['audit', 'list', '--limit', '1000', '--json'])).stdout;
    for (const operation of ['secret.read', 'secret.issued', 'secret.withdrawn'])
      expect(audit).toContain(`"${operation}"`);
    expect(audit).not.toContain(authority.private.split('\n')[2]);
  });

  it('is not made with a key that is none', async () => {
    writeFileSync(at('none.pub'), 'ssh-ed25519 AAAA\n');
    const { code, stdout } = await program([
      'secret',
      'issue-ssh',
      'ssh/authority',
      '--key',
      at('none.pub'),
      '-C',
      at('shop'),
      '--json',
    ]);
    expect([code, stdout]).toEqual([3, expect.stringContaining('SEC-SSH-KEY')]);
  });
});

describe.skipIf(!hasMoto('the sessions of AWS'))('a session of AWS', () => {
  it('is of the role, ends at a time, and cannot be withdrawn alone', async () => {
    const moto = await startMoto();
    try {
      const env = { AWS_ENDPOINT_URL: moto.url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
      const ask = ['secret', 'issue-aws', '--role', 'arn:aws:iam::123456789012:role/deploy', '--minutes', '15'];
      expect((await program([...ask, '--json'], { env })).stdout).toContain('SEC-SHOWN');
      const { id, secretAccessKey, sessionToken, until } = (await answer([...ask, '--reveal'], env)) as Record<
        string,
        string
      >;
      expect(Math.abs(Date.parse(until ?? '') - Date.now() - 15 * 60_000)).toBeLessThan(60_000);
      const credentials = {
        accessKeyId: id ?? '',
        secretAccessKey: secretAccessKey ?? '',
        sessionToken: sessionToken ?? '',
      };
      const client = new STSClient({ region: 'us-east-1', endpoint: moto.url, credentials });
      expect((await client.send(new GetCallerIdentityCommand({}))).Arn).toContain(':assumed-role/deploy/');
      expect((await answer(['secret', 'issue-aws', '--reveal'], env))['sessionToken']).toBeTypeOf('string');
      const audit = (await program(['audit', 'list', '--limit', '1000', '--json'])).stdout;
      expect(audit).toContain(id);
      for (const held of [secretAccessKey, sessionToken]) expect(audit).not.toContain(held);
      expect((await program(['secret', 'withdraw', id ?? '', '--json'])).code).toBe(4);
      const away = await program([...ask, '--reveal', '--json'], {
        env: { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:21999' },
      });
      expect(away.code).toBe(7);
    } finally {
      moto.stop();
    }
  });
});
