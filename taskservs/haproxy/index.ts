import type { HostItem } from '../../schemas/taskserv.ts';
import { debian, inUrl, reachedAt } from '../host/fields.ts';
import { service } from '../host/service.ts';
import { CERTIFICATES, configText } from './config.ts';
import { type Fields, fields } from './fields.ts';

const CONFIG = '/etc/haproxy/haproxy.cfg';

function certificates({ listeners }: Fields): readonly (HostItem & { is: 'file' })[] {
  return Object.entries(listeners).flatMap(([name, { tls }]) =>
    tls === undefined
      ? []
      : [
          {
            is: 'file' as const,
            path: `${CERTIFICATES}/${name}.pem`,
            text: tls.pem,
            mode: 0o600,
            isSecret: true as const,
          },
        ],
  );
}

function endsTls({ listeners }: Fields): boolean {
  return Object.values(listeners).some(({ tls }) => tls !== undefined);
}

/** HAProxy: one door, many servers behind it. */
export const haproxy = service({
  name: 'haproxy',
  categories: ['ingress', 'networking'],
  summary: 'HAProxy, which shares connections and requests among servers that are well.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields,
  ports: ({ listeners }) =>
    Object.entries(listeners).map(([name, one]) => ({
      port: one.port,
      protocol: 'tcp',
      reach: one.reach,
      purpose: name,
    })),
  endpoint({ listeners }, place) {
    const [first] = Object.values(listeners);
    if (first === undefined) return null;
    const scheme = first.mode === 'tcp' ? 'tcp' : first.tls === undefined ? 'http' : 'https';
    return `${scheme}://${inUrl(reachedAt(first.reach, place))}:${first.port}`;
  },
  want(given, place, version) {
    const tls = certificates(given);
    return [
      debian('haproxy', version),
      debian('curl'),
      ...(endsTls(given) ? [{ is: 'directory', path: CERTIFICATES, mode: 0o700 } as const] : []),
      ...tls,
      { is: 'file', path: CONFIG, text: configText(given, place), check: ['haproxy', '-c', '-f', '{}'] },
      { is: 'daemon', unit: 'haproxy.service', reloadOn: [CONFIG, ...tls.map(({ path }) => path)] },
      {
        is: 'verify',
        title: 'metrics are served',
        run: ['curl', '--silent', '--show-error', '--fail', `http://127.0.0.1:${given.metricsPort}/metrics`],
        expect: 'haproxy_process_start_time_seconds',
      },
    ];
  },
});
