import { z } from 'zod';
import { secretText } from '../../schemas/secret.ts';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, inUrl } from '../host/fields.ts';
import { service } from '../host/service.ts';

const CONFIG = '/etc/redis/redis.conf';

const shape = z.strictObject({
  password: secretText()
    .max(512)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'printable characters without spaces, quotes and backslashes')
    .meta({ secret: true, description: 'Password that every client must give.' }),
  bind: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .min(1)
    .max(16)
    .optional()
    .describe('Addresses it listens on. Default: loopback and the address of the server inside its network.'),
  port: z.int().min(1).max(65_535).default(6379).describe('TCP port.'),
  memoryMib: z.int().min(8).max(1_048_576).default(256).describe('Most memory for keys, in MiB.'),
  whenFull: z
    .enum(['noeviction', 'allkeys-lru', 'allkeys-lfu', 'volatile-lru', 'volatile-ttl'])
    .default('noeviction')
    .describe('What happens to a write when the memory is full.'),
  persistence: z
    .enum(['append', 'snapshot', 'none'])
    .default('append')
    .describe('`append`: every write goes to a log each second. `snapshot`: the whole now and then. `none`: a cache.'),
});
type Shape = z.infer<typeof shape>;

/** A key-value store in memory. */
export const redis = service({
  name: 'redis',
  categories: ['databases'],
  summary: 'Redis: a key-value store in memory, with a password and saved to disk.',
  source: 'debian',
  version: null,
  fields: () => shape,
  host: { memoryMib: 128, diskMib: 256 },
  holdsData: true,
  data: ['/var/lib/redis'],
  ports: ({ port }) => [{ port, protocol: 'tcp', reach: 'network', purpose: 'clients' }],
  endpoint: ({ port }, { address }) => `redis://${inUrl(address)}:${port}`,
  want,
});

function want(fields: Shape, place: HostPlace, version: string | undefined): readonly HostItem[] {
  // The client reads the password, so that it is no word that others can see.
  const use = `AUTH ${fields.password}\nSET provisioning:probe ok EX 60\nGET provisioning:probe\n`;
  return [
    debian('redis-server', version),
    { is: 'file', path: CONFIG, text: config(fields, place), mode: 0o640, owner: 'redis', group: 'redis' },
    { is: 'daemon', unit: 'redis-server', restartOn: [CONFIG] },
    {
      is: 'verify',
      title: 'set a key and read it',
      run: ['redis-cli', '-p', String(fields.port), '--no-auth-warning'],
      stdin: use,
      expect: '^ok$',
    },
  ];
}

function config(fields: Shape, { address }: HostPlace): string {
  const { password, bind = ['127.0.0.1', '-::1', address], port, memoryMib, whenFull, persistence } = fields;
  const saving = {
    append: ['appendonly yes', 'appendfsync everysec', 'save ""'],
    snapshot: ['appendonly no', 'save 900 1', 'save 300 10', 'save 60 10000'],
    none: ['appendonly no', 'save ""'],
  }[persistence];
  return `${[
    '# Written by Provisioning; changes made here are taken back.',
    `bind ${[...new Set(bind)].join(' ')}`,
    'protected-mode yes',
    `port ${port}`,
    `requirepass "${password}"`,
    'tcp-keepalive 300',
    'supervised systemd',
    'daemonize no',
    'dir /var/lib/redis',
    'logfile ""',
    'enable-debug-command no',
    'enable-module-command no',
    `maxmemory ${memoryMib}mb`,
    `maxmemory-policy ${whenFull}`,
    ...saving,
  ].join('\n')}\n`;
}
