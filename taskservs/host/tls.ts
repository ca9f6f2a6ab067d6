import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { secretLines } from './fields.ts';

/** A certificate with its key, as users give it. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
}

/** Where the files of TLS lie, and whose they are. */
export interface TlsPlace {
  readonly folder: string;
  readonly owner: string;
  readonly group: string;
}

/** A certificate in PEM. */
export const certificate = z
  .string()
  .max(65_536)
  .describe('Certificate in PEM, with those that vouch for it after it.');

/** The fields `tls` and `plaintext` of a service that speaks TLS unless it is told not to. */
export const tlsFields = () => ({
  tls: z
    .strictObject({ certificate, key: secretLines('Its private key in PEM.') })
    .optional()
    .describe('Certificate of the service. Default: one that the host signs itself.'),
  plaintext: z
    .boolean()
    .default(false)
    .describe('Weaker: whether connections go without TLS, so that passwords and data can be read on the way.'),
});

const SELF_SIGNED = String.raw`
set -eu
umask 027
cd "$1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj "/CN=$4" \
  -addext "subjectAltName=$5" -keyout tls.key.new -out tls.crt.new 2>/dev/null
chown "$2:$3" tls.key.new tls.crt.new
chmod "$6" tls.key.new
chmod 0644 tls.crt.new
mv tls.key.new tls.key
mv tls.crt.new tls.crt
`;

/** The certificate of a service at `<folder>/tls.crt` with its key at `tls.key`: the given one, or one that the host signs itself. */
export function tlsItems(tls: Tls | undefined, where: TlsPlace, place: HostPlace): readonly HostItem[] {
  const { folder, owner, group } = where;
  const [crt, key] = [`${folder}/tls.crt`, `${folder}/tls.key`];
  // PostgreSQL starts only when nobody else may read a key of its own, and takes the group for one of root's.
  const mode = owner === 'root' ? 0o640 : 0o600;
  if (tls !== undefined) {
    return [
      { is: 'file', path: crt, text: withEnd(tls.certificate), owner, group },
      { is: 'file', path: key, text: withEnd(tls.key), mode, owner, group, isSecret: true },
    ];
  }
  const names = [`DNS:${place.server}`, 'DNS:localhost', addressName(place.address), 'IP:127.0.0.1'].join(',');
  return [
    { is: 'package', name: 'openssl' },
    {
      is: 'task',
      title: `certificate signed by ${place.server} itself`,
      done: ['openssl', 'x509', '-noout', '-checkend', '2592000', '-in', crt],
      run: ['sh', '-c', SELF_SIGNED, 'sh', folder, owner, group, place.server, names, `0${mode.toString(8)}`],
      undo: ['rm', '-f', crt, key],
    },
  ];
}

function addressName(address: string): string {
  return /^[0-9.]+$/.test(address) || address.includes(':') ? `IP:${address}` : `DNS:${address}`;
}

function withEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
