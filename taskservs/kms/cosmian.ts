import { z } from 'zod';
import type { HostItem, HostPlace, ServicePort } from '../../schemas/taskserv.ts';
import { inUrl, listenOn, reachedAt, secretLines } from '../host/fields.ts';
import { answers } from '../host/http.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { digestField, releaseOf, type Upstream, Version } from '../host/pin.ts';
import { heading, toml } from '../host/render.ts';

const PROGRAM = '/usr/local/bin/cosmian_kms';
/** What Cosmian KMS keeps. */
export const COSMIAN_HOME = '/var/lib/cosmian-kms';
const CONFIG = '/etc/cosmian-kms/kms.toml';
const CERTIFICATE = '/etc/cosmian-kms/server.p12';
const UPSTREAM: Upstream = {
  name: 'cosmian-kms',
  url: 'https://package.cosmian.com/kms/{version}/ubuntu-22.04.zip',
  archive: 'zip',
  files: [{ from: 'ubuntu_22_04-release/cosmian_kms', to: PROGRAM, mode: 0o755 }],
  checksums: 'https://package.cosmian.com/kms/',
  example: '4.20.1',
};

/** The field `cosmian`. */
export function cosmianField() {
  const shape = z.strictObject({
    version: Version.describe('Version of Cosmian KMS.'),
    sha256: digestField(UPSTREAM),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional()
      .describe('Address of the download, where it is not the one of upstream.'),
    certificate: secretLines('Certificate and key of the server as PKCS#12, in base64.').optional(),
    certificatePassword: secretLines('Password of the PKCS#12.').optional(),
  });
  return shape.describe(
    'Install Cosmian KMS. Without it tang of Debian is installed, which gives out keys without keeping those of anybody.',
  );
}
type Cosmian = z.output<ReturnType<typeof cosmianField>>;

/** Where it listens. */
interface Door {
  readonly reach: ServicePort['reach'];
  readonly port: number;
}

/** The items of Cosmian KMS. */
export function cosmianItems(door: Door, cosmian: Cosmian, place: HostPlace): readonly HostItem[] {
  const owned = { owner: 'root', group: 'cosmian-kms' } as const;
  return [
    releaseOf(UPSTREAM, cosmian, place),
    ...ownUser('cosmian-kms', COSMIAN_HOME),
    { is: 'directory', path: '/etc/cosmian-kms', mode: 0o750, ...owned },
    ...certificate(cosmian),
    { is: 'file', path: CONFIG, text: config(door, cosmian, place), mode: 0o640, ...owned, isSecret: true },
    ...ownDaemon(
      'cosmian-kms',
      {
        description: 'Cosmian KMS',
        exec: [PROGRAM],
        user: 'cosmian-kms',
        environment: { COSMIAN_KMS_CONF: CONFIG },
        writes: [COSMIAN_HOME],
      },
      [CONFIG],
    ),
    proof(door, cosmian, place),
  ];
}

function certificate({ certificate: text }: Cosmian): readonly HostItem[] {
  if (text === undefined) return [];
  const unpack = 'base64 -d "$1.b64" > "$1" && chown cosmian-kms "$1" && chmod 400 "$1"';
  return [
    { is: 'file', path: `${CERTIFICATE}.b64`, text, mode: 0o600, isSecret: true },
    {
      is: 'task',
      title: 'unpack the certificate',
      done: ['test', '-s', CERTIFICATE],
      run: ['sh', '-c', unpack, 'sh', CERTIFICATE],
      undo: ['rm', '-f', CERTIFICATE],
    },
  ];
}

function config({ reach, port }: Door, { certificate: text, certificatePassword }: Cosmian, place: HostPlace): string {
  const tls = text === undefined ? {} : { https_p12_file: CERTIFICATE, https_p12_password: certificatePassword ?? '' };
  return (
    heading() +
    toml({
      db: { database_type: 'sqlite', sqlite_path: COSMIAN_HOME },
      http: { hostname: listenOn(reach, place), port, ...tls },
      workspace: { root_data_path: COSMIAN_HOME },
    })
  );
}

/** A key is asked for in the words of KMIP 2.1. */
function proof({ reach, port }: Door, { certificate: text }: Cosmian, place: HostPlace): HostItem {
  const word = (tag: string, value: string) => ({ tag, type: 'Enumeration', value });
  const number = (tag: string, value: number) => ({ tag, type: 'Integer', value });
  const attributes = [
    word('CryptographicAlgorithm', 'AES'),
    number('CryptographicLength', 256),
    number('CryptographicUsageMask', 12),
    word('KeyFormatType', 'TransparentSymmetricKey'),
    word('ObjectType', 'SymmetricKey'),
  ];
  const value = [word('ObjectType', 'SymmetricKey'), { tag: 'Attributes', type: 'Structure', value: attributes }];
  const url = `${text === undefined ? 'http' : 'https'}://${inUrl(reachedAt(reach, place))}:${port}/kmip/2_1`;
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ tag: 'Create', type: 'Structure', value });
  return answers('a key is made', { url, headers, body }, { expect: 'UniqueIdentifier' });
}
