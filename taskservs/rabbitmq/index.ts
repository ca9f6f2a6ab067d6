import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { curlUser } from '../host/curl-user.ts';
import { debian, inUrl, label, listenOn, password, port, reach, reachedAt } from '../host/fields.ts';
import { environment, heading, settingLines } from '../host/render.ts';
import { service } from '../host/service.ts';
import { tlsFields, tlsItems } from '../host/tls.ts';

const vhost = z.string().regex(/^[A-Za-z0-9_./-]{1,100}$/, 'has letters, digits and _ . / -');
const rights = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_.*^$()|[\]+?\\-]*$/, 'is a regular expression');

const user = z.strictObject({
  password: password('Password of the user.'),
  vhost: vhost.default('/').describe('Virtual host that it works in. Default: /.'),
  tags: z
    .array(z.enum(['management', 'monitoring', 'policymaker', 'administrator']))
    .max(4)
    .default([])
    .describe('Rights beyond messages. Default: none.'),
  configure: rights.default('.*').describe('Names that it may make. Default: all.'),
  write: rights.default('.*').describe('Names that it may write to. Default: all.'),
  read: rights.default('.*').describe('Names that it may read from. Default: all.'),
});

const fields = () =>
  z.strictObject({
    reach: reach('network'),
    port: port.optional().describe('Port for clients (AMQP). Default: 5671, or 5672 without TLS.'),
    managementPort: port.default(15_672).describe('Port on loopback of the management API. Default: 15672.'),
    users: z.record(label, user).describe('Users by name. The one that RabbitMQ brings along, guest, is removed.'),
    memoryShare: z
      .number()
      .min(0.1)
      .max(0.9)
      .default(0.4)
      .describe('Share of the memory at which senders are slowed down. Default: 0.4.'),
    ...tlsFields(),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const CONFIG = '/etc/rabbitmq/rabbitmq.conf';
const ENVIRONMENT = '/etc/rabbitmq/rabbitmq-env.conf';
const PLUGINS = '/etc/rabbitmq/enabled_plugins';
const EPMD = '/etc/systemd/system/epmd.socket.d/provisioning.conf';
const TLS = '/etc/rabbitmq/tls';
const MINE = { owner: 'root', group: 'rabbitmq' };

function doorOf(given: Fields): number {
  return given.port ?? (given.plaintext ? 5672 : 5671);
}

function configText(given: Fields, place: HostPlace): string {
  const at = `${inUrl(listenOn(given.reach, place))}:${doorOf(given)}`;
  const doors = given.plaintext
    ? { 'listeners.tcp.1': at }
    : {
        'listeners.tcp': 'none',
        'listeners.ssl.1': at,
        'ssl_options.certfile': `${TLS}/tls.crt`,
        'ssl_options.keyfile': `${TLS}/tls.key`,
        'ssl_options.versions.1': 'tlsv1.3',
        'ssl_options.versions.2': 'tlsv1.2',
        'ssl_options.verify': 'verify_none',
        'ssl_options.fail_if_no_peer_cert': 'false',
      };
  return (
    heading() +
    settingLines(
      {
        ...doors,
        'management.tcp.ip': '127.0.0.1',
        'management.tcp.port': given.managementPort,
        'vm_memory_high_watermark.relative': given.memoryShare,
        'loopback_users.guest': true,
      },
      ' = ',
    )
  );
}

const ENSURE = String.raw`
set -eu
IFS= read -r secret
exec 3</dev/null
rabbitmqctl -q list_vhosts --no-table-headers <&3 | grep -F -x -q -- "$2" || rabbitmqctl -q add_vhost "$2" <&3
if rabbitmqctl -q list_users --no-table-headers <&3 | cut -f1 | grep -F -x -q -- "$1"; then do=change_password; else do=add_user; fi
printf '%s\n' "$secret" | rabbitmqctl -q "$do" "$1"
rabbitmqctl -q set_permissions -p "$2" "$1" "$3" "$4" "$5" <&3
name=$1
shift 5
rabbitmqctl -q set_user_tags "$name" "$@" <&3
`;

const HAS = 'rabbitmqctl -q list_permissions -p "$2" --no-table-headers | cut -f1 | grep -F -x -q -- "$1"';

function userTask(name: string, one: Fields['users'][string]): HostItem {
  return {
    is: 'task',
    title: `user ${name}`,
    done: ['sh', '-c', HAS, 'sh', name, one.vhost],
    run: ['sh', '-c', ENSURE, 'sh', name, one.vhost, one.configure, one.write, one.read, ...one.tags],
    stdin: `${one.password}\n`,
    undo: ['rabbitmqctl', '-q', 'delete_user', name],
  };
}

const NO_GUEST: HostItem = {
  is: 'task',
  title: 'no user guest',
  done: ['sh', '-c', '! rabbitmqctl -q list_users --no-table-headers | cut -f1 | grep -F -x -q guest'],
  run: ['rabbitmqctl', '-q', 'delete_user', 'guest'],
};

function verify(given: Fields): readonly HostItem[] {
  const well: HostItem = {
    is: 'verify',
    title: 'the server is well',
    run: ['rabbitmq-diagnostics', '-q', 'check_running'],
    withinSeconds: 90,
  };
  const able = Object.entries(given.users).find(
    ([, { tags, configure, write, read }]) => tags.length > 0 && [configure, write, read].every(one => one === '.*'),
  );
  if (able === undefined) return [well];
  const [name, { password: secret, vhost: place }] = able;
  const test = `http://127.0.0.1:${given.managementPort}/api/aliveness-test/${encodeURIComponent(place)}`;
  return [
    well,
    {
      is: 'verify',
      title: `${name} sends a message and receives it`,
      run: ['curl', '--silent', '--show-error', '--fail', '--max-time', '10', '--config', '-', test],
      stdin: curlUser(name, secret),
      expect: '"status":"ok"',
      withinSeconds: 60,
    },
  ];
}

/** RabbitMQ: queues of messages. */
export const rabbitmq = service({
  name: 'rabbitmq',
  categories: ['messaging'],
  summary: 'RabbitMQ, which queues messages between services.',
  source: 'debian',
  version: null,
  holdsData: true,
  data: ['/var/lib/rabbitmq'],
  host: { memoryMib: 512 },
  fields,
  ports: given => [{ port: doorOf(given), protocol: 'tcp', reach: given.reach, purpose: 'messages (AMQP)' }],
  endpoint: (given, place) =>
    `${given.plaintext ? 'amqp' : 'amqps'}://${inUrl(reachedAt(given.reach, place))}:${doorOf(given)}`,
  want: (given, place, version) => [
    debian('rabbitmq-server', version),
    debian('curl'),
    { is: 'directory', path: '/etc/systemd/system/epmd.socket.d', mode: 0o755 },
    // The port mapper of Erlang would listen on every address.
    { is: 'file', path: EPMD, text: `${heading()}[Socket]\nListenStream=\nListenStream=127.0.0.1:4369\n` },
    {
      is: 'file',
      path: ENVIRONMENT,
      text:
        heading() +
        environment({
          NODENAME: 'rabbit@localhost',
          ERL_EPMD_ADDRESS: '127.0.0.1',
          SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
        }),
    },
    { is: 'file', path: PLUGINS, text: '[rabbitmq_management].\n', ...MINE },
    ...(given.plaintext
      ? []
      : [
          { is: 'directory', path: TLS, mode: 0o750, ...MINE } as const,
          ...tlsItems(given.tls, { folder: TLS, ...MINE }, place),
        ]),
    { is: 'file', path: CONFIG, text: configText(given, place), mode: 0o640, ...MINE },
    { is: 'daemon', unit: 'epmd.socket', restartOn: [EPMD] },
    {
      is: 'daemon',
      unit: 'rabbitmq-server.service',
      restartOn: [CONFIG, ENVIRONMENT, PLUGINS, `${TLS}/tls.crt`, `${TLS}/tls.key`],
    },
    ...Object.entries(given.users).map(([name, one]) => userTask(name, one)),
    NO_GUEST,
    ...verify(given),
  ],
});
