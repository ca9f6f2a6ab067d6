import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { account, debian, label, path } from '../host/fields.ts';
import { daemonText, heading } from '../host/render.ts';
import { service } from '../host/service.ts';
import { classText } from './class.ts';

const plainPath = path.regex(/^[A-Za-z0-9/_.]+$/, 'has no -, because a mount cannot');

const volume = z.strictObject({
  path: plainPath.describe('Folder, such as /srv/fast. It has no `-` in its name.'),
  owner: account.default('root').describe('Default: root.'),
  group: account.default('root').describe('Default: root.'),
  mode: z
    .string()
    .regex(/^[0-7]{4}$/, 'has four digits 0-7')
    .default('0750')
    .describe('Rights in octal. Default: 0750.'),
  device: z
    .string()
    .regex(/^\/dev\/[A-Za-z0-9][A-Za-z0-9/._:-]*$/, 'is a device such as /dev/disk/by-id/scsi-1')
    .optional()
    .describe(
      'Device that is mounted there. An empty one is given a file system, one with data is left as it is. Default: a folder of the system disk.',
    ),
  sizeGib: z.int().min(1).max(65_536).default(10).describe('Size that Kubernetes is told. Default: 10.'),
});

const fields = () =>
  z.strictObject({
    volumes: z.record(label, volume).describe('Places for data, by name.'),
    filesystem: z
      .enum(['ext4', 'xfs'])
      .default('ext4')
      .describe('File system of devices that are empty. Default: ext4.'),
    storageClass: z
      .strictObject({
        name: z
          .string()
          .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'has a-z, 0-9 and -')
          .default('local')
          .describe('Default: local.'),
        apply: z
          .boolean()
          .default(false)
          .describe(
            'Whether it is brought into the cluster from this server, which is a control plane. Default: false, only the file is written.',
          ),
      })
      .optional()
      .describe('Offers the places to Kubernetes.'),
  });

type Volume = z.output<typeof volume>;

const FORMAT = String.raw`
set -eu
blkid -- "$1" >/dev/null && exit 0
exec "mkfs.$2" -q -- "$1"`;

function mountItems(name: string, { path: at, device }: Volume, filesystem: string): readonly HostItem[] {
  if (device === undefined) return [];
  const mount = `${at.slice(1).replaceAll('/', '-')}.mount`;
  const file = `/etc/systemd/system/${mount}`;
  const text = daemonText({
    Unit: { Description: `Place for data ${name}` },
    Mount: { What: device, Where: at, Options: 'defaults,nodev,nosuid,noatime' },
    Install: { WantedBy: 'multi-user.target' },
  });
  return [
    debian(filesystem === 'xfs' ? 'xfsprogs' : 'e2fsprogs'),
    {
      is: 'task',
      title: `file system on ${device}`,
      done: ['blkid', '--', device],
      run: ['sh', '-c', FORMAT, 'sh', device, filesystem],
    },
    { is: 'file', path: file, text },
    { is: 'daemon', unit: mount, restartOn: [file] },
  ];
}

const USE = String.raw`
set -eu
file=$(mktemp "$1/.provisioning-XXXXXX")
trap 'rm -f "$file"' EXIT
echo written > "$file"
sync "$file"
cat "$file"`;

function volumeItems([name, one]: readonly [string, Volume], filesystem: string): readonly HostItem[] {
  const { path: at, owner, group } = one;
  const folder: HostItem = { is: 'directory', path: at, mode: Number.parseInt(one.mode, 8), owner, group };
  return [
    // Where a device is mounted, systemd makes the folder, and the rights are those of what is mounted.
    ...mountItems(name, one, filesystem),
    folder,
    {
      is: 'verify',
      title: `${owner} writes to ${at} and reads it`,
      run: ['sh', '-c', USE, 'sh', at],
      as: owner,
      expect: '^written$',
    },
  ];
}

/** Folders and disks of a server as places for data. */
export const localStorage = service({
  name: 'local-storage',
  categories: ['storage'],
  summary: 'Folders and disks of a server as places for data, also for Kubernetes.',
  source: 'debian',
  version: null,
  holdsData: true,
  saysGoodbye: true,
  fields,
  ports: () => [],
  endpoint: () => null,
  want({ volumes, filesystem, storageClass }, place): readonly HostItem[] {
    const file = '/etc/provisioning/local-storage.yaml';
    const kubectl = ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf'];
    return [
      ...Object.entries(volumes).flatMap(one => volumeItems(one, filesystem)),
      ...(storageClass === undefined
        ? []
        : [
            { is: 'directory', path: '/etc/provisioning', mode: 0o755 } as const,
            { is: 'file', path: file, text: heading() + classText(storageClass.name, volumes, place) } as const,
          ]),
      ...(storageClass?.apply === true
        ? [
            {
              is: 'task',
              title: `storage class ${storageClass.name}`,
              done: [...kubectl, 'diff', `--filename=${file}`],
              run: [...kubectl, 'apply', `--filename=${file}`],
              undo: [...kubectl, 'delete', '--ignore-not-found', `--filename=${file}`],
            } as const,
          ]
        : []),
    ];
  },
});
