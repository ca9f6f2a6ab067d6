import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { debian, line, listenOn, port } from '../host/fields.ts';
import { answers } from '../host/http.ts';
import { type Origin, repositoryField, repositoryOf } from '../host/origin.ts';
import { daemonCommand, daemonText } from '../host/render.ts';
import { service } from '../host/service.ts';

const ORIGIN: Origin = {
  name: 'parity',
  uri: 'https://releases.parity.io/deb',
  suite: 'release',
  components: ['main'],
  keyAt:
    'https://github.com/paritytech/polkadot-sdk (key 9D4B2B6EB8F97156D19669A9FF0812D491B96798 of security@parity.io)',
};
const DROP_IN = '/etc/systemd/system/polkadot.service.d/50-provisioning.conf';
const HOME = '/var/lib/polkadot';

const fields = () =>
  z.strictObject({
    repository: repositoryField(ORIGIN),
    chain: z.enum(['polkadot', 'kusama', 'westend', 'paseo']).default('polkadot').describe('Ledger that is followed.'),
    name: line(64).optional().describe('Name of the node that others see. Default: that of the server.'),
    validator: z.boolean().default(false).describe('Take part in finding blocks; its keys are given to it by hand.'),
    peers: port.default(30_333).describe('Port for other nodes.'),
    rpc: port.default(9944).describe('Port for questions, on loopback only.'),
    prune: z
      .union([z.literal('archive'), z.int().min(256).max(1_000_000)])
      .default(256)
      .describe('How many states of old blocks are kept; `archive` keeps all.'),
    telemetry: z.boolean().default(false).describe('Tell the public list of nodes about this one.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function command(given: Fields, place: HostPlace): readonly [string, ...string[]] {
  return [
    '/usr/bin/polkadot',
    `--chain=${given.chain}`,
    `--name=${given.name ?? place.server}`,
    `--base-path=${HOME}`,
    `--listen-addr=/ip4/${listenOn('public', place)}/tcp/${given.peers}`,
    `--rpc-port=${given.rpc}`,
    '--rpc-methods=safe',
    '--prometheus-port=9615',
    `--state-pruning=${given.prune}`,
    ...(given.validator ? ['--validator'] : []),
    ...(given.telemetry ? [] : ['--no-telemetry']),
  ];
}

function want(given: Fields, place: HostPlace, version: string | undefined): readonly HostItem[] {
  const question = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'system_chain', params: [] });
  return [
    repositoryOf(ORIGIN, given.repository),
    debian('polkadot', version),
    { is: 'directory', path: HOME, mode: 0o750, owner: 'polkadot', group: 'polkadot' },
    { is: 'directory', path: '/etc/systemd/system/polkadot.service.d', mode: 0o755 },
    {
      is: 'file',
      path: DROP_IN,
      // The first, empty command takes the one of the package away.
      text: daemonText({
        Service: {
          ExecStart: ['', daemonCommand(command(given, place))],
          ReadWritePaths: HOME,
          NoNewPrivileges: true,
          ProtectSystem: 'strict',
          ProtectHome: true,
          PrivateTmp: true,
        },
      }),
    },
    { is: 'daemon', unit: 'polkadot.service', restartOn: [DROP_IN] },
    answers(
      'the node says which ledger it follows',
      { url: `http://127.0.0.1:${given.rpc}`, headers: { 'Content-Type': 'application/json' }, body: question },
      { expect: '"result"', withinSeconds: 120 },
    ),
  ];
}

/** A node of the Polkadot ledger. */
export const polkadot: TaskService = service({
  name: 'polkadot',
  categories: ['vpn-and-ledger'],
  summary: 'Node of the Polkadot ledger or one of its kin.',
  source: 'repository',
  version: null,
  fields,
  holdsData: true,
  data: [HOME],
  host: { memoryMib: 4096, diskMib: 10_240 },
  ports: ({ peers, rpc }) => [
    { port: peers, protocol: 'tcp', reach: 'public', purpose: 'other nodes' },
    { port: rpc, protocol: 'tcp', reach: 'host', purpose: 'questions' },
    { port: 9615, protocol: 'tcp', reach: 'host', purpose: 'metrics' },
  ],
  endpoint: ({ rpc }) => `ws://127.0.0.1:${rpc}`,
  want,
});
