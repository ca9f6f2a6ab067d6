import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Pair = { readonly certificate: string; readonly key: string };

/** The authorities of a cluster as a person makes them, in the shape of `pki` of the service `kubernetes`. */
export function newAuthorities(): Pair & {
  readonly etcd: Pair;
  readonly frontProxy: Pair;
  readonly serviceAccounts: { readonly publicKey: string; readonly key: string };
} {
  const folder = mkdtempSync(join(tmpdir(), 'provisioning-pki-'));
  const openssl = (...words: readonly string[]): void => void execFileSync('openssl', words, { stdio: 'ignore' });
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const pair = (name: string): Pair => {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-subj', `/CN=${name}`];
    openssl(...made, '-keyout', key, '-out', certificate);
    return { certificate: text(`${name}.crt`), key: text(`${name}.key`) };
  };
  try {
    openssl('genrsa', '-out', join(folder, 'sa.key'), '2048');
    openssl('rsa', '-in', join(folder, 'sa.key'), '-pubout', '-out', join(folder, 'sa.pub'));
    return {
      ...pair('kubernetes'),
      etcd: pair('etcd-ca'),
      frontProxy: pair('front-proxy-ca'),
      serviceAccounts: { publicKey: text('sa.pub'), key: text('sa.key') },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
