import type { HostPlace } from '../../schemas/taskserv.ts';
import { heading } from '../host/render.ts';

/** A folder for others. */
export interface Share {
  readonly path: string;
  readonly clients: readonly string[];
  readonly readOnly: boolean;
  readonly rootSquash: boolean;
}

/** Lines of `/etc/exports`. Paths and ranges hold nothing that would have to be quoted. */
export function exportsText(shares: readonly Share[]): string {
  const lines = shares.map(({ path, clients, readOnly, rootSquash }) => {
    const options = `(${readOnly ? 'ro' : 'rw'},sync,no_subtree_check,${rootSquash ? 'root_squash' : 'no_root_squash'})`;
    return `${path} ${[...clients, '127.0.0.1'].map(client => client + (client === '127.0.0.1' ? '(ro,sync,no_subtree_check,root_squash)' : options)).join(' ')}\n`;
  });
  return heading() + lines.join('');
}

/** The configuration of NFS-Ganesha: NFS 4 only, and nobody is let in who is not named. */
export function ganeshaText(shares: readonly Share[], { address }: HostPlace): string {
  const exported = shares.map(({ path, clients, readOnly, rootSquash }, at) => [
    'EXPORT {',
    `  Export_Id = ${at + 1};`,
    `  Path = "${path}";`,
    `  Pseudo = "${path}";`,
    '  Access_Type = NONE;',
    '  Protocols = 4;',
    '  Transports = TCP;',
    '  SecType = sys;',
    `  Squash = ${rootSquash ? 'Root_Squash' : 'No_Root_Squash'};`,
    '  FSAL { Name = VFS; }',
    `  CLIENT { Clients = ${clients.join(', ')}; Access_Type = ${readOnly ? 'RO' : 'RW'}; }`,
    `  CLIENT { Clients = 127.0.0.1, ${address}; Access_Type = RO; }`,
    '}',
  ]);
  const core = [
    'NFS_CORE_PARAM {',
    '  Protocols = 4;',
    '  Enable_NLM = false;',
    '  Enable_RQUOTA = false;',
    '}',
    'NFSv4 {',
    '  Grace_Period = 15;',
    '}',
  ];
  return `${heading()}${[...core, ...exported.flat()].join('\n')}\n`;
}
