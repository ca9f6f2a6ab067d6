import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { account, debian, inUrl, listenOn, port, reach, reachedAt } from '../host/fields.ts';
import { heading, ini } from '../host/render.ts';
import { service } from '../host/service.ts';
import { tlsItems } from '../host/tls.ts';

const fields = () =>
  z.strictObject({
    reach: reach('network'),
    port: port.default(3389).describe('Port for remote desktops (RDP). Default: 3389.'),
    group: account.default('desktop').describe('Only members of this group may log in; it is made. Default: desktop.'),
    users: z
      .array(account)
      .max(64)
      .default([])
      .describe('Existing users that are put into the group. They log in with their own password.'),
    applications: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]{1,62}$/, 'is the name of a Debian package'))
      .max(64)
      .default([])
      .describe('Further packages, such as `firefox-esr`.'),
    maxSessions: z.int().min(1).max(200).default(10).describe('Most sessions at once. Default: 10.'),
    idleMinutes: z
      .int()
      .min(0)
      .max(10_080)
      .default(0)
      .describe('Minutes after which a session that is not connected ends. Default: 0 (never).'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const FOLDER = '/etc/xrdp';

function doorText(given: Fields, place: HostPlace): string {
  const to = listenOn(given.reach, place);
  return (
    heading() +
    ini({
      Globals: {
        ini_version: 1,
        fork: true,
        port: to === '0.0.0.0' ? given.port : `tcp://${to}:${given.port}`,
        // RDP's own encryption is broken: only TLS.
        security_layer: 'tls',
        crypt_level: 'high',
        certificate: `${FOLDER}/tls/tls.crt`,
        key_file: `${FOLDER}/tls/tls.key`,
        ssl_protocols: 'TLSv1.2, TLSv1.3',
        autorun: 'Xorg',
        allow_channels: true,
        max_bpp: 32,
        use_fastpath: 'both',
      },
      Logging: { LogFile: 'xrdp.log', LogLevel: 'INFO', EnableSyslog: true },
      Channels: { rdpdr: false, rdpsnd: true, drdynvc: true, cliprdr: true, rail: true },
      Xorg: { name: 'Xorg', lib: 'libxup.so', username: 'ask', password: 'ask', ip: '127.0.0.1', port: -1, code: 20 },
    })
  );
}

/** Program and words of the X server: without this configuration it looks for a screen of the host, which has none. */
const X_SERVER = [
  '/usr/lib/xorg/Xorg',
  '-config',
  'xrdp/xorg.conf',
  '-noreset',
  '-nolisten',
  'tcp',
  '-logfile',
  '.xorgxrdp.%s.log',
];

function sessionText(given: Fields): string {
  return (
    heading() +
    ini({
      Globals: {
        ListenAddress: '127.0.0.1',
        ListenPort: 3350,
        EnableUserWindowManager: true,
        UserWindowManager: 'startwm.sh',
        DefaultWindowManager: 'startwm.sh',
        ReconnectScript: '/etc/xrdp/reconnectwm.sh',
      },
      Security: {
        AllowRootLogin: false,
        MaxLoginRetry: 4,
        TerminalServerUsers: given.group,
        TerminalServerAdmins: 'root',
        AlwaysGroupCheck: true,
        RestrictOutboundClipboard: 'none',
      },
      Sessions: {
        X11DisplayOffset: 10,
        MaxSessions: given.maxSessions,
        KillDisconnected: given.idleMinutes > 0,
        DisconnectedTimeLimit: given.idleMinutes * 60,
        IdleTimeLimit: 0,
        Policy: 'Default',
      },
      Logging: { LogFile: 'xrdp-sesman.log', LogLevel: 'INFO', EnableSyslog: true },
    }) +
    `\n[Xorg]\n${X_SERVER.map(word => `param = ${word}\n`).join('')}`
  );
}

const START = `#!/bin/sh\n${heading()}[ -r /etc/profile ] && . /etc/profile\nunset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR\nexec dbus-launch --exit-with-session startxfce4\n`;

/** The first packet of RDP, which asks for TLS; the answer says that it is agreed to. */
const GREET = String.raw`
exec 3<>"/dev/tcp/$1/$2"
printf '\003\000\000\023\016\340\000\000\000\000\000\001\000\010\000\001\000\000\000' >&3
head -c 19 <&3 | od -An -tx1 | tr -d ' \n'`;

/** A desktop that is used from afar. */
export const desktop = service({
  name: 'desktop',
  categories: ['development'],
  summary: 'A desktop (Xfce) that is used from afar over RDP with TLS.',
  source: 'debian',
  version: null,
  holdsData: false,
  host: { memoryMib: 512, diskMib: 2048 },
  fields,
  ports: given => [{ port: given.port, protocol: 'tcp', reach: given.reach, purpose: 'remote desktop (RDP)' }],
  endpoint: (given, place) => `rdp://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want: (given, place, version): readonly HostItem[] => [
    debian('xrdp', version),
    ...['xfce4', 'dbus-x11', 'xorgxrdp', ...given.applications].map(name => debian(name)),
    {
      is: 'task',
      title: `group ${given.group}`,
      done: ['getent', 'group', given.group],
      run: ['groupadd', '--system', '--force', given.group],
    },
    ...given.users.map(
      (user): HostItem => ({
        is: 'task',
        title: `${user} may use the desktop`,
        done: ['sh', '-c', 'id -nG -- "$1" | tr " " "\\n" | grep -F -x -q -- "$2"', 'sh', user, given.group],
        run: ['usermod', '--append', '--groups', given.group, user],
        undo: ['gpasswd', '--delete', user, given.group],
      }),
    ),
    { is: 'directory', path: `${FOLDER}/tls`, mode: 0o750, owner: 'root', group: 'xrdp' },
    ...tlsItems(undefined, { folder: `${FOLDER}/tls`, owner: 'root', group: 'xrdp' }, place),
    { is: 'file', path: `${FOLDER}/startwm.sh`, text: START, mode: 0o755, check: ['sh', '-n', '{}'] },
    { is: 'file', path: `${FOLDER}/sesman.ini`, text: sessionText(given) },
    { is: 'file', path: `${FOLDER}/xrdp.ini`, text: doorText(given, place) },
    { is: 'daemon', unit: 'xrdp-sesman.service', restartOn: [`${FOLDER}/sesman.ini`] },
    { is: 'daemon', unit: 'xrdp.service', restartOn: [`${FOLDER}/xrdp.ini`, `${FOLDER}/sesman.ini`] },
    {
      is: 'verify',
      title: 'a client is answered, and TLS is agreed on',
      run: ['bash', '-c', GREET, 'bash', reachedAt(given.reach, place), String(given.port)],
      expect: '^030000130ed0.*02..080001000000$',
      withinSeconds: 60,
    },
  ],
});
