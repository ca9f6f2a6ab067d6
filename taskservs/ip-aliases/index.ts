import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { debian } from '../host/fields.ts';
import { daemonText, heading, oneLine } from '../host/render.ts';
import { service } from '../host/service.ts';
import { SCRIPT } from './script.ts';

const alias = z.strictObject({
  address: z
    .string()
    .regex(
      /^[A-Za-z0-9:][A-Za-z0-9.:-]{0,60}\/\d{1,3}$/,
      'is an address with the length of its network, such as 10.0.1.100/32',
    )
    .describe('Address with the length of its network.'),
  interface: z
    .string()
    .regex(/^[a-z][a-z0-9._-]{0,14}$/, 'is the name of a network interface')
    .default('eth0')
    .describe('Network interface. Default: eth0.'),
});

const fields = () =>
  z.strictObject({ addresses: z.array(alias).min(1).max(100).describe('Further addresses of the server.') });

const LIST = '/etc/provisioning/ip-aliases';
const PROGRAM = '/usr/local/sbin/provisioning-ip-aliases';
const DAEMON = 'provisioning-ip-aliases.service';

const DAEMON_TEXT = daemonText({
  Unit: { Description: 'Further addresses of this server', After: 'network.target', Before: 'network-online.target' },
  Service: {
    Type: 'oneshot',
    RemainAfterExit: true,
    ExecStart: `${PROGRAM} start`,
    ExecStop: `${PROGRAM} stop`,
    NoNewPrivileges: true,
    ProtectHome: true,
    CapabilityBoundingSet: 'CAP_NET_ADMIN CAP_DAC_OVERRIDE',
  },
  Install: { WantedBy: 'multi-user.target' },
});

/** Further addresses of a server, there again after every start. */
export const ipAliases = service({
  name: 'ip-aliases',
  categories: ['networking'],
  summary: 'Further addresses of a server, there again after every start.',
  source: 'debian',
  version: null,
  holdsData: false,
  isRisky: true,
  fields,
  ports: () => [],
  endpoint: () => null,
  want: ({ addresses }): readonly HostItem[] => [
    debian('iproute2'),
    { is: 'directory', path: '/etc/provisioning', mode: 0o755 },
    {
      is: 'file',
      path: LIST,
      text: heading() + addresses.map(one => `${oneLine(one.address)} ${oneLine(one.interface)}\n`).join(''),
    },
    { is: 'file', path: PROGRAM, text: SCRIPT, mode: 0o755, check: ['sh', '-n', '{}'] },
    { is: 'file', path: `/etc/systemd/system/${DAEMON}`, text: DAEMON_TEXT },
    { is: 'daemon', unit: DAEMON, restartOn: [LIST, PROGRAM, `/etc/systemd/system/${DAEMON}`] },
    ...addresses.map(one => ({
      is: 'verify' as const,
      title: `${one.address} is on ${one.interface}`,
      run: [
        'sh',
        '-c',
        'ip -brief address show dev "$1" | tr " " "\\n" | grep -F -x -- "$2"',
        'sh',
        one.interface,
        one.address,
      ],
    })),
  ],
});
