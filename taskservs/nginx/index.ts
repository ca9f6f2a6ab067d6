import type { HostItem } from '../../schemas/taskserv.ts';
import { debian, inUrl } from '../host/fields.ts';
import { service } from '../host/service.ts';
import { configText } from './config.ts';
import { shape, type Shape } from './shape.ts';

const CONFIG = '/etc/nginx/nginx.conf';
const CERTIFICATE = '/etc/nginx/tls/site.crt';
const KEY = '/etc/nginx/tls/site.key';

/** A web server and reverse proxy. */
export const nginx = service({
  name: 'nginx',
  categories: ['ingress'],
  summary: 'nginx: a web server and reverse proxy.',
  source: 'debian',
  version: null,
  fields: () => shape,
  host: { memoryMib: 64, diskMib: 128 },
  holdsData: false,
  ports: ({ port, tls }) => {
    const ports = tls === undefined ? [port] : [port, tls.port];
    return ports.map(each => ({ port: each, protocol: 'tcp', reach: 'public', purpose: 'web' }));
  },
  endpoint: ({ port, tls }, { address }) =>
    tls === undefined ? `http://${inUrl(address)}:${port}` : `https://${inUrl(address)}:${tls.port}`,
  want: (fields, _place, version) => want(fields, version),
});

function want(fields: Shape, version: string | undefined): readonly HostItem[] {
  const { tls, text, port, root } = fields;
  const keys: readonly HostItem[] =
    tls === undefined
      ? []
      : [
          { is: 'directory', path: '/etc/nginx/tls', mode: 0o700 },
          { is: 'file', path: CERTIFICATE, text: tls.certificate },
          { is: 'file', path: KEY, text: tls.key, mode: 0o600, isSecret: true },
        ];
  const page: readonly HostItem[] = text === undefined ? [] : [{ is: 'file', path: `${root}/index.html`, text }];
  return [
    debian('nginx-light', version),
    debian('curl'),
    ...keys,
    { is: 'directory', path: root, mode: 0o755 },
    ...page,
    { is: 'file', path: CONFIG, text: configText(fields), check: ['nginx', '-t', '-q', '-c', '{}'] },
    { is: 'daemon', unit: 'nginx', reloadOn: [CONFIG, CERTIFICATE, KEY] },
    {
      is: 'verify',
      title: 'fetch a page',
      run: ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', `http://127.0.0.1:${port}/`],
      // A folder without a page and servers that are not there yet answer with an error; that nginx answers is what is asked.
      expect: text === undefined || tls !== undefined ? '^[2-5][0-9][0-9]$' : '^200$',
    },
  ];
}
