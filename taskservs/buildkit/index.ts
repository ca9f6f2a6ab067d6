import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { inUrl, port, secretLines } from '../host/fields.ts';
import { ownDaemon } from '../host/own-daemon.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { heading, toml } from '../host/render.ts';
import { service } from '../host/service.ts';

const CONFIG = '/etc/buildkit/buildkitd.toml';
const SOCKET = 'unix:///run/buildkit/buildkitd.sock';
const program = (name: string) => ({ from: `bin/${name}`, to: `/usr/local/bin/${name}`, mode: 0o755 });
const UPSTREAM: Upstream = {
  name: 'buildkit',
  url: 'https://github.com/moby/buildkit/releases/download/v{version}/buildkit-v{version}.linux-{arch}.tar.gz',
  archive: 'tar.gz',
  files: ['buildkitd', 'buildctl', 'buildkit-runc'].map(program),
  checksums: 'https://github.com/moby/buildkit/releases (digests of the downloads)',
  example: '0.18.2',
};

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    remote: z
      .strictObject({
        port: port.default(1234).describe('Port.'),
        ca: z.string().max(65_536).describe('Certificate of the authority that signs clients, as PEM.'),
        certificate: z.string().max(65_536).describe('Certificate of the server, as PEM.'),
        key: secretLines('Key of the server, as PEM.'),
      })
      .optional()
      .describe('Let clients in over the network, each with a certificate. Without it only the host itself can build.'),
    keepGib: z.int().min(1).max(65_536).default(20).describe('Size of the cache, above which the oldest is dropped.'),
    parallel: z.int().min(1).max(256).default(4).describe('Most steps at a time.'),
    mirrors: z
      .record(
        z.string().regex(/^[a-z0-9.-]+(?::\d{1,5})?$/),
        z
          .array(z.string().regex(/^[a-z0-9.-]+(?::\d{1,5})?$/))
          .min(1)
          .max(8),
      )
      .default({})
      .describe('Registries that are asked first, by the registry that they stand for.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;
const TLS = '/etc/buildkit/tls';

function config({ remote, keepGib, parallel, mirrors }: Fields, { address }: HostPlace): string {
  const tls = { ca: `${TLS}/ca.pem`, cert: `${TLS}/cert.pem`, key: `${TLS}/key.pem` };
  const doors = remote === undefined ? [SOCKET] : [SOCKET, `tcp://${inUrl(address)}:${remote.port}`];
  return `${heading()}${toml({
    root: '/var/lib/buildkit',
    'insecure-entitlements': [],
    grpc: { address: doors, ...(remote === undefined ? {} : { tls }) },
    worker: {
      oci: {
        enabled: true,
        gc: true,
        gckeepstorage: keepGib * 1024,
        'max-parallelism': parallel,
        binary: 'buildkit-runc',
      },
      containerd: { enabled: false },
    },
    registry: Object.fromEntries(Object.entries(mirrors).map(([name, list]) => [name, { mirrors: list }])),
  })}`;
}

function certificates({ remote }: Fields): readonly HostItem[] {
  if (remote === undefined) return [];
  return [
    { is: 'directory', path: TLS, mode: 0o700 },
    { is: 'file', path: `${TLS}/ca.pem`, text: remote.ca },
    { is: 'file', path: `${TLS}/cert.pem`, text: remote.certificate },
    { is: 'file', path: `${TLS}/key.pem`, text: remote.key, mode: 0o600, isSecret: true },
  ];
}

/** Builds an image from nothing but one file, so that no registry is needed. */
const BUILD = String.raw`
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'hello\n' > "$work/greeting"
printf 'FROM scratch\nCOPY greeting /greeting\n' > "$work/Dockerfile"
buildctl --addr "$1" build --frontend dockerfile.v0 --local context="$work" --local dockerfile="$work" --output type=tar,dest="$work/image.tar" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
tar -xOf "$work/image.tar" greeting
`;

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const tls = given.remote === undefined ? [] : [`${TLS}/ca.pem`, `${TLS}/cert.pem`, `${TLS}/key.pem`];
  return [
    releaseOf(UPSTREAM, given, place),
    { is: 'directory', path: '/etc/buildkit', mode: 0o755 },
    ...certificates(given),
    { is: 'file', path: CONFIG, text: config(given, place) },
    ...ownDaemon(
      'buildkit',
      {
        description: 'BuildKit',
        exec: ['/usr/local/bin/buildkitd', `--config=${CONFIG}`],
        startsContainers: true,
        isNotifying: true,
      },
      [CONFIG, ...tls],
    ),
    {
      is: 'verify',
      title: 'an image is built',
      run: ['sh', '-c', BUILD, 'sh', SOCKET],
      expect: '^hello$',
      withinSeconds: 120,
    },
  ];
}

/** BuildKit, which builds container images. */
export const buildkit: TaskService = service({
  name: 'buildkit',
  categories: ['development'],
  summary: 'Builds container images, for the host itself or for clients with certificates (BuildKit).',
  source: 'release',
  version: null,
  fields,
  holdsData: false,
  data: ['/var/lib/buildkit'],
  ports: ({ remote }) =>
    remote === undefined
      ? []
      : [{ port: remote.port, protocol: 'tcp', reach: 'network', purpose: 'builds of clients with certificates' }],
  endpoint: ({ remote }, { address }) => (remote === undefined ? SOCKET : `tcp://${inUrl(address)}:${remote.port}`),
  want,
});
