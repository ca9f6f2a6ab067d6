import { oneLine } from '../host/render.ts';

/** A text of SQL, whatever it holds. MariaDB takes `\` for an escape unless it is told not to. */
export function sqlText(value: string): string {
  return `'${oneLine(value).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A name of SQL. */
export function sqlName(value: string): string {
  return `\`${oneLine(value).replaceAll('`', '``')}\``;
}

/** A user with what it may do. */
export interface SqlUser {
  readonly password: string;
  readonly databases: readonly string[];
  readonly from: string;
  readonly tls: boolean;
}

/** Makes the user, or gives it this password and these rights. */
export function userSql(name: string, { password, databases, from, tls }: SqlUser): string {
  const who = `${sqlText(name)}@${sqlText(from)}`;
  return [
    `CREATE USER IF NOT EXISTS ${who};`,
    `ALTER USER ${who} IDENTIFIED BY ${sqlText(password)} REQUIRE ${tls ? 'SSL' : 'NONE'};`,
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${who};`,
    // In the name of a database, _ and % would stand for others.
    ...databases.map(
      one => `GRANT ALL PRIVILEGES ON ${sqlName(one.replaceAll(/[_%]/g, found => `\\${found}`))}.* TO ${who};`,
    ),
    '',
  ].join('\n');
}
