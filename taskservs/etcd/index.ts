import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, host, inUrl, label, listenOn, port, reach, reachedAt, secretLines } from '../host/fields.ts';
import { daemonText, environment, heading } from '../host/render.ts';
import { service } from '../host/service.ts';
import { certificate } from '../host/tls.ts';

const member = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'is the name of a server');

const fields = () =>
  z
    .strictObject({
      reach: reach('network'),
      clientPort: port.default(2379).describe('Port for clients. Default: 2379.'),
      peerPort: port.default(2380).describe('Port for the other members. Default: 2380.'),
      members: z
        .record(member, host)
        .default({})
        .describe('All members, this one too: the name of each server with its address. Default: this one alone.'),
      token: label.default('etcd').describe('Name of the cluster; members of another name are refused. Default: etcd.'),
      state: z
        .enum(['new', 'existing'])
        .default('new')
        .describe('`existing` joins a running cluster that was told of this member. Default: new.'),
      tls: z
        .strictObject({
          ca: certificate.describe('Certificate in PEM of who signs those of members and clients.'),
          certificate,
          key: secretLines('Its private key in PEM.'),
        })
        .optional()
        .describe('Members and clients show certificates to each other.'),
      plaintext: z
        .boolean()
        .default(false)
        .describe(
          'Weaker: whether members and clients talk without TLS, so that whoever reaches the port can read and write.',
        ),
      waitForQuorum: z
        .boolean()
        .default(true)
        .describe(
          'Whether this service is done only when the cluster takes writes. False on members that start before there are enough. Default: true.',
        ),
      quotaMib: z.int().min(64).max(8192).default(2048).describe('Most space for data in MiB. Default: 2048.'),
    })
    .refine(({ tls, plaintext }) => tls !== undefined || plaintext, {
      path: ['tls'],
      error: 'certificates are missing: give `tls`, or say `plaintext: true` where only trusted hosts reach the ports',
    });

type Fields = z.output<ReturnType<typeof fields>>;

const TLS = '/etc/etcd';
const FILES = ['--cacert', `${TLS}/ca.crt`, '--cert', `${TLS}/tls.crt`, '--key', `${TLS}/tls.key`];

/** Debian's unit waits until there is a quorum, which no first member can bring about: it has started when it runs. */
const DROP_IN = daemonText({ Service: { Type: 'exec', Restart: 'on-failure', RestartSec: 2 } });

function urls({ tls, reach: to }: Fields, place: HostPlace, at: number): { listen: string; advertise: string } {
  const scheme = tls === undefined ? 'http' : 'https';
  const advertise = `${scheme}://${inUrl(reachedAt(to, place))}:${at}`;
  const listen = `${scheme}://${inUrl(listenOn(to, place))}:${at}`;
  const isOwn = to === 'network' && place.address !== '127.0.0.1';
  return { advertise, listen: isOwn ? `${listen},${scheme}://127.0.0.1:${at}` : listen };
}

function settings(given: Fields, place: HostPlace): string {
  const [client, peer] = [urls(given, place, given.clientPort), urls(given, place, given.peerPort)];
  const scheme = given.tls === undefined ? 'http' : 'https';
  const others = Object.entries(given.members).filter(([name]) => name !== place.server);
  const own = [place.server, reachedAt(given.reach, place)] as const;
  const cluster = [own, ...others].map(([name, at]) => `${name}=${scheme}://${inUrl(at)}:${given.peerPort}`).sort();
  const files = {
    TRUSTED_CA_FILE: `${TLS}/ca.crt`,
    CERT_FILE: `${TLS}/tls.crt`,
    KEY_FILE: `${TLS}/tls.key`,
    CLIENT_CERT_AUTH: true,
  };
  const secured = given.tls === undefined ? {} : { ...prefixed('ETCD_', files), ...prefixed('ETCD_PEER_', files) };
  return (
    heading() +
    environment({
      ETCD_NAME: place.server,
      ETCD_DATA_DIR: '/var/lib/etcd/default',
      ETCD_LISTEN_CLIENT_URLS: client.listen,
      ETCD_ADVERTISE_CLIENT_URLS: client.advertise,
      ETCD_LISTEN_PEER_URLS: peer.listen.split(',')[0],
      ETCD_INITIAL_ADVERTISE_PEER_URLS: peer.advertise,
      ETCD_INITIAL_CLUSTER: cluster.join(','),
      ETCD_INITIAL_CLUSTER_TOKEN: given.token,
      ETCD_INITIAL_CLUSTER_STATE: given.state,
      ETCD_QUOTA_BACKEND_BYTES: given.quotaMib * 1024 * 1024,
      ETCD_AUTO_COMPACTION_RETENTION: '1h',
      ...secured,
    })
  );
}

function prefixed(prefix: string, settingsOf: { readonly [name: string]: string | boolean }) {
  return Object.fromEntries(Object.entries(settingsOf).map(([name, value]) => [prefix + name, value]));
}

function tlsFiles({ tls }: Fields): readonly HostItem[] {
  if (tls === undefined) return [];
  const mine = { owner: 'etcd', group: 'etcd' };
  return [
    { is: 'directory', path: TLS, mode: 0o750, ...mine },
    { is: 'file', path: `${TLS}/ca.crt`, text: tls.ca, ...mine },
    { is: 'file', path: `${TLS}/tls.crt`, text: tls.certificate, ...mine },
    { is: 'file', path: `${TLS}/tls.key`, text: tls.key, mode: 0o600, isSecret: true, ...mine },
  ];
}

const PEER = 'curl --silent --show-error --fail --max-time 5 "$@" | grep -q etcdserver';
const USE = String.raw`
etcdctl "$@" put provisioning/verify written >/dev/null &&
  etcdctl "$@" get --print-value-only provisioning/verify &&
  etcdctl "$@" del provisioning/verify >/dev/null`;

function verify(given: Fields, place: HostPlace): readonly HostItem[] {
  const tls = given.tls === undefined ? [] : FILES;
  const [client, peer] = [urls(given, place, given.clientPort).advertise, urls(given, place, given.peerPort).advertise];
  const answers: HostItem = {
    is: 'verify',
    title: 'the member answers the others',
    run: ['sh', '-c', PEER, 'sh', ...tls, `${peer}/version`],
    withinSeconds: 60,
  };
  const takes: HostItem = {
    is: 'verify',
    title: 'a key is written, read and removed',
    run: ['sh', '-c', USE, 'sh', `--endpoints=${client}`, ...tls],
    expect: '^written$',
    withinSeconds: 120,
  };
  return given.waitForQuorum ? [answers, takes] : [answers];
}

/** etcd: the store that Kubernetes and Patroni agree in. */
export const etcd = service({
  name: 'etcd',
  categories: ['kubernetes', 'databases'],
  summary: 'etcd, the store in which Kubernetes and Patroni come to an agreement.',
  source: 'debian',
  version: null,
  holdsData: true,
  saysGoodbye: true,
  data: ['/var/lib/etcd'],
  fields,
  ports: ({ clientPort, peerPort, reach: to }) => [
    { port: clientPort, protocol: 'tcp', reach: to, purpose: 'clients' },
    { port: peerPort, protocol: 'tcp', reach: to, purpose: 'members' },
  ],
  endpoint: (given, place) => urls(given, place, given.clientPort).advertise,
  want: (given, place, version) => [
    debian('etcd-server', version),
    { is: 'directory', path: '/etc/systemd/system/etcd.service.d', mode: 0o755 },
    { is: 'file', path: '/etc/systemd/system/etcd.service.d/provisioning.conf', text: DROP_IN },
    { is: 'file', path: '/etc/default/etcd', text: settings(given, place) },
    debian('etcd-client', version),
    debian('curl'),
    ...tlsFiles(given),
    {
      is: 'daemon',
      unit: 'etcd.service',
      restartOn: [
        '/etc/default/etcd',
        '/etc/systemd/system/etcd.service.d/provisioning.conf',
        `${TLS}/tls.crt`,
        `${TLS}/tls.key`,
        `${TLS}/ca.crt`,
      ],
    },
    ...verify(given, place),
  ],
});
