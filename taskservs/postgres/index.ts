import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, inUrl } from '../host/fields.ts';
import { service } from '../host/service.ts';
import { accessText, settingsText } from './config.ts';
import { shape, type Shape } from './shape.ts';
import { databaseTask, userTask } from './sql.ts';

/** A relational database. */
export const postgres = service({
  name: 'postgres',
  categories: ['databases'],
  summary: 'PostgreSQL: a relational database, with passwords by SCRAM and connections by TLS.',
  source: 'debian',
  version: null,
  fields: () => shape,
  host: { memoryMib: 256, diskMib: 1_024, codenames: ['bookworm', 'trixie'] },
  holdsData: true,
  data: ['/var/lib/postgresql'],
  ports: ({ port }) => [{ port, protocol: 'tcp', reach: 'network', purpose: 'clients' }],
  endpoint: ({ port }, { address }) => `postgres://${inUrl(address)}:${port}`,
  want,
});

/** The major version that each Debian has. */
const MAJOR: { readonly [codename: string]: string } = { bookworm: '15', trixie: '17' };

function want(fields: Shape, place: HostPlace, version: string | undefined): readonly HostItem[] {
  const { port, users, databases } = fields;
  const major = MAJOR[place.codename] ?? '15';
  const folder = `/etc/postgresql/${major}/main`;
  const settings = `${folder}/conf.d/provisioning.conf`;
  const access = `${folder}/pg_hba.conf`;
  const own = { owner: 'postgres', group: 'postgres', mode: 0o640 };
  return [
    debian(`postgresql-${major}`, version),
    { is: 'file', path: settings, text: settingsText(fields, place), ...own },
    { is: 'file', path: access, text: accessText(fields), ...own },
    { is: 'daemon', unit: `postgresql@${major}-main`, restartOn: [settings], reloadOn: [access] },
    ...users.map(user => userTask(user, port)),
    ...databases.map(database => databaseTask(database, port)),
    {
      is: 'verify',
      title: 'write a row and read it',
      run: ['psql', '-XqtA', '-v', 'ON_ERROR_STOP=1', '-p', String(port), '-d', 'postgres'],
      stdin: 'CREATE TEMPORARY TABLE probe (value int);\nINSERT INTO probe VALUES (42);\nSELECT value FROM probe;\n',
      as: 'postgres',
      expect: '^42$',
    },
  ];
}
