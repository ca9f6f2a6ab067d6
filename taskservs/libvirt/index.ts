import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { account, debian } from '../host/fields.ts';
import { heading } from '../host/render.ts';
import { service } from '../host/service.ts';

const ip = z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,60}$/, 'is an address');

const network = z.strictObject({
  address: ip.describe('Address of the server in it, such as 192.168.150.1.'),
  netmask: ip.default('255.255.255.0').describe('Default: 255.255.255.0.'),
  from: ip.describe('First address that guests are given.'),
  to: ip.describe('Last address that guests are given.'),
  bridge: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,14}$/, 'is the name of an interface')
    .describe('Name of its bridge, such as virbr10.'),
  outside: z
    .boolean()
    .default(true)
    .describe('Whether guests reach the outside, through the address of the server. Default: true.'),
});

const fields = () =>
  z.strictObject({
    users: z
      .array(account)
      .max(32)
      .default([])
      .describe('Existing users that may manage virtual machines. That is as much as root.'),
    networks: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'has a-z, 0-9 and -'), network)
      .default({})
      .describe('Networks for guests, by name.'),
  });

type Network = z.output<typeof network>;

const FOLDER = '/etc/libvirt/provisioning';

/** No value can hold what XML bends: their shapes see to that. */
function networkText(name: string, { address, netmask, from, to, bridge, outside }: Network): string {
  return [
    '<network>',
    `  <name>${name}</name>`,
    ...(outside ? ["  <forward mode='nat'/>"] : []),
    `  <bridge name='${bridge}' stp='on'/>`,
    `  <ip address='${address}' netmask='${netmask}'>`,
    `    <dhcp><range start='${from}' end='${to}'/></dhcp>`,
    '  </ip>',
    '</network>',
    '',
  ].join('\n');
}

const DEFINE = String.raw`
set -eu
virsh -q net-destroy "$1" 2>/dev/null || :
virsh -q net-undefine "$1" 2>/dev/null || :
virsh -q net-define /dev/stdin
virsh -q net-autostart "$1"
virsh -q net-start "$1"
sha256sum "$2" > "$2.defined"`;

const DEFINED = 'virsh -q net-info "$1" | grep -q "^Active: *yes" && sha256sum --check --status "$2.defined"';

function networkItems([name, one]: readonly [string, Network]): readonly HostItem[] {
  const file = `${FOLDER}/${name}.xml`;
  const text = networkText(name, one);
  return [
    { is: 'file', path: file, text, check: ['virt-xml-validate', '{}', 'network'] },
    {
      is: 'task',
      title: `network ${name}`,
      done: ['sh', '-c', DEFINED, 'sh', name, file],
      run: ['sh', '-c', DEFINE, 'sh', name, file],
      // With the text itself, so that another text is another run.
      stdin: text,
      undo: ['sh', '-c', 'virsh -q net-destroy "$1"; virsh -q net-undefine "$1"; rm -f "$2.defined"', 'sh', name, file],
    },
    {
      is: 'verify',
      title: `network ${name} is up`,
      run: ['virsh', '-q', 'net-list', '--name'],
      expect: `^${name}\\s*$`,
    },
  ];
}

/** libvirt: manages virtual machines and their networks. */
export const libvirt = service({
  name: 'libvirt',
  categories: ['hypervisor'],
  summary: 'libvirt, which manages virtual machines and their networks.',
  source: 'debian',
  version: null,
  needs: ['qemu'],
  holdsData: true,
  data: ['/var/lib/libvirt'],
  host: { memoryMib: 256, diskMib: 512 },
  fields,
  ports: () => [],
  endpoint: () => 'qemu:///system',
  want: ({ users, networks }, { architecture }, version) => [
    debian('libvirt-daemon-system', version),
    debian(architecture === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86'),
    debian('dnsmasq-base'),
    debian('iptables'),
    debian('libxml2-utils'),
    debian('libvirt-clients'),
    // Only over its socket, and only for who is in its group.
    {
      is: 'file',
      path: '/etc/libvirt/libvirtd.conf',
      text: `${heading()}unix_sock_group = "libvirt"\nunix_sock_rw_perms = "0770"\nauth_unix_rw = "none"\nlisten_tls = 0\nlisten_tcp = 0\n`,
    },
    { is: 'daemon', unit: 'libvirtd.service', restartOn: ['/etc/libvirt/libvirtd.conf'] },
    { is: 'directory', path: FOLDER, mode: 0o755 },
    ...Object.entries(networks).flatMap(networkItems),
    ...users.map(
      (user): HostItem => ({
        is: 'task',
        title: `${user} may manage virtual machines`,
        done: ['sh', '-c', 'id -nG -- "$1" | tr " " "\\n" | grep -F -x -q libvirt', 'sh', user],
        run: ['usermod', '--append', '--groups', 'libvirt', user],
        undo: ['gpasswd', '--delete', user, 'libvirt'],
      }),
    ),
    { is: 'verify', title: 'libvirt answers', run: ['virsh', '-q', 'list', '--all'], withinSeconds: 60 },
    {
      is: 'verify',
      title: 'it knows its hypervisor',
      run: ['virsh', '-q', 'version'],
      expect: 'Running hypervisor: QEMU',
    },
  ],
});
