import { z } from 'zod';
import type { HostPlace } from '../../schemas/taskserv.ts';
import { account, debian, inUrl, label, listenOn, password, path, port, reach, reachedAt } from '../host/fields.ts';
import { HARDENED } from '../host/hardening.ts';
import { daemonCommand, daemonText, json } from '../host/render.ts';
import { service } from '../host/service.ts';

const hook = z.strictObject({
  secret: password('Secret that the sender signs with (HMAC-SHA256 in X-Hub-Signature-256).'),
  command: path.describe('Program that is run. It must exist on the server.'),
  folder: path.optional().describe('Folder in which it is run. Default: /.'),
  arguments: z
    .array(
      z.strictObject({
        from: z.enum(['payload', 'header', 'url', 'string']).describe('Where it is taken from.'),
        name: z.string().min(1).max(200).describe('Its name there, or the text itself.'),
      }),
    )
    .max(32)
    .default([])
    .describe('Words that the program is given. They reach it as they are, no shell reads them.'),
});

const fields = () =>
  z.strictObject({
    reach: reach('host'),
    port: port.default(9000).describe('Port. Default: 9000.'),
    user: account.default('webhook').describe('System user that the programs run as; it is made. Default: webhook.'),
    hooks: z
      .record(label, hook)
      .describe('Hooks by name: what is sent to `/hooks/<name>` runs the program, if it is signed.'),
    writes: z.array(path).max(32).default([]).describe('Folders that the programs may write. Default: none.'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const CONFIG = '/etc/webhook.conf';
const DROP_IN = '/etc/systemd/system/webhook.service.d/provisioning.conf';

function hooksText({ hooks }: Fields): string {
  return json(
    Object.entries(hooks).map(([id, one]) => ({
      id,
      'execute-command': one.command,
      'command-working-directory': one.folder ?? '/',
      'pass-arguments-to-command': one.arguments.map(({ from, name }) => ({ source: from, name })),
      'http-methods': ['POST'],
      'trigger-rule-mismatch-http-response-code': 401,
      'trigger-rule': {
        match: {
          type: 'payload-hmac-sha256',
          secret: one.secret,
          parameter: { source: 'header', name: 'X-Hub-Signature-256' },
        },
      },
    })),
  );
}

/** Debian runs it as root on every address. */
function dropInText({ reach: to, port: door, user, writes }: Fields, place: HostPlace): string {
  const start = daemonCommand([
    '/usr/bin/webhook',
    '-nopanic',
    '-hooks',
    CONFIG,
    '-ip',
    listenOn(to, place),
    '-port',
    String(door),
  ]);
  return daemonText({
    Service: {
      ...HARDENED,
      User: user,
      ExecStart: ['', start],
      ReadWritePaths: writes.length === 0 ? undefined : writes.join(' '),
    },
  });
}

const UNSIGNED = `curl --silent --output /dev/null --write-out '%{http_code}' --request POST --data '{}' "$1"`;

/** webhook: a signed request runs one allowed program. */
export const webhook = service({
  name: 'webhook',
  categories: ['security'],
  summary: 'webhook, which runs one allowed program when a signed request comes.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields,
  ports: given => [{ port: given.port, protocol: 'tcp', reach: given.reach, purpose: 'signed requests' }],
  endpoint: (given, place) => `http://${inUrl(reachedAt(given.reach, place))}:${given.port}/hooks/`,
  want: (given, place, version) => [
    debian('webhook', version),
    debian('curl'),
    { is: 'user', name: given.user },
    { is: 'directory', path: '/etc/systemd/system/webhook.service.d', mode: 0o755 },
    { is: 'file', path: DROP_IN, text: dropInText(given, place) },
    { is: 'file', path: CONFIG, text: hooksText(given), mode: 0o640, group: given.user, isSecret: true },
    { is: 'daemon', unit: 'webhook.service', restartOn: [CONFIG, DROP_IN] },
    ...Object.keys(given.hooks).map(name => ({
      is: 'verify' as const,
      title: `what is not signed does not run ${name}`,
      run: ['sh', '-c', UNSIGNED, 'sh', `http://${inUrl(reachedAt(given.reach, place))}:${given.port}/hooks/${name}`],
      expect: '^401$',
    })),
  ],
});
