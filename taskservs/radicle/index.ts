import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { debian, inUrl, label, listenOn, password, port, reach as reachable, reachedAt } from '../host/fields.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { environment, json } from '../host/render.ts';
import { service } from '../host/service.ts';

const HOME = '/var/lib/radicle';
const CONFIG = `${HOME}/config.json`;
const SECRETS = '/etc/radicle/radicle.env';
const program = (name: string) => ({
  from: `radicle-{version}-{arch}/bin/${name}`,
  to: `/usr/local/bin/${name}`,
  mode: 0o755,
});
const UPSTREAM: Upstream = {
  name: 'radicle',
  url: 'https://files.radicle.xyz/releases/{version}/radicle-{version}-{arch}.tar.xz',
  words: { amd64: 'x86_64-unknown-linux-musl', arm64: 'aarch64-unknown-linux-musl' },
  archive: 'tar.xz',
  files: ['rad', 'radicle-node', 'git-remote-rad'].map(program),
  checksums: 'https://files.radicle.xyz/releases/ (the .sha256 beside each download)',
  example: '1.2.1',
};
const NodeAddress = z
  .string()
  .regex(/^z6Mk[1-9A-HJ-NP-Za-km-z]{44}@[A-Za-z0-9.:[\]-]{3,260}$/, 'is a node such as z6Mk...@seed.example.org:8776');

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    alias: label.optional().describe('Name that others see. Default: that of the server.'),
    passphrase: password('What the key of the node is locked with.'),
    reach: reachable('network'),
    port: port.default(8776).describe('Port for other nodes.'),
    addresses: z
      .array(z.string().regex(/^[A-Za-z0-9.:[\]-]{3,260}$/))
      .max(8)
      .default([])
      .describe('Under what others reach it: `seed.example.org:8776`.'),
    peers: z.array(NodeAddress).max(64).default([]).describe('Nodes that it always keeps in touch with.'),
    seed: z
      .enum(['block', 'allow'])
      .default('block')
      .describe('Keep repositories of strangers (`allow`), or only those that were asked for.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function config(given: Fields, place: HostPlace): string {
  return json({
    preferredSeeds: given.peers,
    node: {
      alias: given.alias ?? place.server,
      listen: [`${inUrl(listenOn(given.reach, place))}:${given.port}`],
      externalAddresses: given.addresses,
      connect: given.peers,
      peers: given.peers.length === 0 ? { type: 'dynamic' } : { type: 'static' },
      network: 'main',
      relay: 'auto',
      seedingPolicy: given.seed === 'allow' ? { default: 'allow', scope: 'all' } : { default: 'block' },
    },
  });
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const environmentOf = { RAD_HOME: HOME, RAD_PASSPHRASE: given.passphrase };
  const rad = ['env', `RAD_HOME=${HOME}`, '/usr/local/bin/rad'];
  return [
    debian('git'),
    releaseOf(UPSTREAM, given, place),
    ...ownUser('radicle', HOME),
    { is: 'directory', path: '/etc/radicle', mode: 0o755 },
    { is: 'file', path: SECRETS, text: environment(environmentOf), mode: 0o600, isSecret: true },
    {
      is: 'task',
      title: 'make the key of the node',
      done: ['test', '-s', `${HOME}/keys/radicle`],
      run: [...rad, 'auth', '--stdin', '--alias', given.alias ?? place.server],
      stdin: `${given.passphrase}\n`,
      as: 'radicle',
    },
    { is: 'file', path: CONFIG, text: config(given, place), mode: 0o640, owner: 'radicle', group: 'radicle' },
    ...ownDaemon(
      'radicle',
      {
        description: 'Radicle node',
        exec: ['/usr/local/bin/radicle-node'],
        user: 'radicle',
        environmentFile: SECRETS,
        writes: [HOME],
      },
      [CONFIG, SECRETS],
    ),
    {
      is: 'verify',
      title: 'the node runs',
      run: [...rad, 'node', 'status'],
      as: 'radicle',
      expect: '[Rr]unning',
      withinSeconds: 60,
    },
  ];
}

/** A node of Radicle, Git among equals. */
export const radicle: TaskService = service({
  name: 'radicle',
  categories: ['security'],
  summary: 'Git hosting among equals, where every change is signed (Radicle).',
  source: 'release',
  version: null,
  fields,
  holdsData: true,
  data: [HOME],
  ports: ({ port: number, reach }) => [{ port: number, protocol: 'tcp', reach, purpose: 'other nodes' }],
  endpoint: (given, place) => `${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want,
});
