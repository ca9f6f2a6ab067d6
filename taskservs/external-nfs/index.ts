import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, host, path, range } from '../host/fields.ts';
import { daemonText, heading } from '../host/render.ts';
import { service } from '../host/service.ts';
import { exportsText, ganeshaText } from './config.ts';

const share = z.strictObject({
  path: path.describe('Folder; it is made.'),
  clients: z.array(range).min(1).max(100).describe('Ranges that may use it. Never everybody.'),
  readOnly: z.boolean().default(false).describe('Default: false.'),
  rootSquash: z
    .boolean()
    .default(true)
    .describe('Whether root of a client is nobody here; false is weaker. Default: true.'),
});

const mount = z.strictObject({
  host: host.describe('Server of the folder.'),
  path: path.describe('Folder there.'),
  at: path
    .regex(/^[A-Za-z0-9/_.]+$/, 'has no -, because a mount cannot')
    .describe('Where it appears here. It has no `-` in its name.'),
  readOnly: z.boolean().default(false).describe('Default: false.'),
});

const fields = () =>
  z
    .strictObject({
      engine: z
        .enum(['kernel', 'ganesha'])
        .default('kernel')
        .describe('Who serves: the kernel, or the program NFS-Ganesha. Default: kernel.'),
      shares: z.array(share).max(100).default([]).describe('Folders for others.'),
      mounts: z.array(mount).max(100).default([]).describe('Folders of others.'),
    })
    .refine(given => given.shares.length + given.mounts.length > 0, 'give `shares`, `mounts` or both');

type Fields = z.output<ReturnType<typeof fields>>;

const EXPORTS = '/etc/exports.d/provisioning.exports';
const NFS_CONF = '/etc/nfs.conf.d/provisioning.conf';
const GANESHA = '/etc/ganesha/ganesha.conf';

function engineItems({ engine, shares }: Fields, place: HostPlace, version: string | undefined): readonly HostItem[] {
  if (engine === 'ganesha') {
    return [
      debian('nfs-ganesha-vfs', version),
      debian('nfs-ganesha', version),
      { is: 'file', path: GANESHA, text: ganeshaText(shares, place) },
      { is: 'daemon', unit: 'nfs-ganesha.service', restartOn: [GANESHA] },
    ];
  }
  return [
    debian('nfs-kernel-server', version),
    { is: 'directory', path: '/etc/exports.d', mode: 0o755 },
    { is: 'directory', path: '/etc/nfs.conf.d', mode: 0o755 },
    { is: 'file', path: NFS_CONF, text: `${heading()}[nfsd]\nvers2=n\nvers3=n\nvers4=y\n` },
    { is: 'file', path: EXPORTS, text: exportsText(shares) },
    { is: 'daemon', unit: 'nfs-server.service', restartOn: [NFS_CONF], reloadOn: [EXPORTS] },
  ];
}

function serverItems(given: Fields, place: HostPlace, version: string | undefined): readonly HostItem[] {
  if (given.shares.length === 0) return [];
  return [
    debian('libnfs-utils'),
    ...given.shares.map(({ path: at }): HostItem => ({ is: 'directory', path: at, mode: 0o755 })),
    ...engineItems(given, place, version),
    ...given.shares.map(
      ({ path: at }): HostItem => ({
        is: 'verify',
        title: `${at} can be listed over NFS`,
        run: ['nfs-ls', `nfs://127.0.0.1${at}?version=4`],
        withinSeconds: 60,
      }),
    ),
  ];
}

function mountItems({ host: from, path: there, at, readOnly }: z.output<typeof mount>): readonly HostItem[] {
  const name = `${at.slice(1).replaceAll('/', '-')}.mount`;
  const file = `/etc/systemd/system/${name}`;
  const text = daemonText({
    Unit: { Description: `Folder of ${from}`, Wants: 'network-online.target', After: 'network-online.target' },
    Mount: {
      What: `${from}:${there}`,
      Where: at,
      Type: 'nfs4',
      Options: `${readOnly ? 'ro' : 'rw'},nodev,nosuid,hard,_netdev`,
    },
    Install: { WantedBy: 'remote-fs.target' },
  });
  return [
    { is: 'directory', path: at, mode: 0o755 },
    { is: 'file', path: file, text },
    { is: 'daemon', unit: name, restartOn: [file] },
    {
      is: 'verify',
      title: `${at} is the folder of ${from}`,
      run: ['findmnt', '--noheadings', '--output', 'SOURCE', '--mountpoint', at],
      expect: ':',
    },
  ];
}

/** Folders over the network: for others, or of others. */
export const externalNfs = service({
  name: 'external-nfs',
  categories: ['storage'],
  summary: 'Folders over the network with NFS 4: for others, or of others.',
  source: 'debian',
  version: null,
  holdsData: true,
  data: ['/srv'],
  fields,
  ports: ({ shares }) =>
    shares.length === 0 ? [] : [{ port: 2049, protocol: 'tcp', reach: 'network', purpose: 'NFS' }],
  endpoint: ({ shares }, { address }) => (shares[0] === undefined ? null : `nfs://${address}${shares[0].path}`),
  want: (given, place, version) => [
    ...serverItems(given, place, version),
    ...(given.mounts.length === 0 ? [] : [debian('nfs-common')]),
    ...given.mounts.flatMap(mountItems),
  ],
});
