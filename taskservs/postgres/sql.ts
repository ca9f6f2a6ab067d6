import type { HostItem } from '../../schemas/taskserv.ts';
import type { Shape } from './shape.ts';

type Task = Extract<HostItem, { readonly is: 'task' }>;

/** Names are of letters, digits and `_` alone, so that they may stand in a statement. */
function psql(port: number, ...more: readonly string[]): readonly string[] {
  return ['psql', '-XqtA', '-v', 'ON_ERROR_STOP=1', '-p', String(port), '-d', 'postgres', ...more];
}

/** Fails by a division by zero where nothing is counted. */
function asks(port: number, from: string): readonly string[] {
  return psql(port, '-c', `SELECT 1 / count(*) FROM ${from}`);
}

/** A role that may log in. The statement that holds its password is read from standard input and kept out of the log. */
export function userTask({ name, password }: Shape['users'][number], port: number): Task {
  const text = [
    'SET log_min_error_statement = panic;',
    `SELECT 'CREATE ROLE "${name}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') \\gexec`,
    `ALTER ROLE "${name}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD ${literal(password)};`,
  ];
  return {
    is: 'task',
    title: `make the role ${name}`,
    done: asks(port, `pg_roles WHERE rolname = '${name}' AND rolcanlogin AND NOT rolsuper`),
    run: psql(port),
    stdin: `${text.join('\n')}\n`,
    as: 'postgres',
  };
}

/** A database and whose it is; nobody else may connect to it. */
export function databaseTask({ name, owner }: Shape['databases'][number], port: number): Task {
  const text = [
    `SELECT 'CREATE DATABASE "${name}" OWNER "${owner}"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec`,
    `ALTER DATABASE "${name}" OWNER TO "${owner}";`,
    `REVOKE CONNECT ON DATABASE "${name}" FROM PUBLIC;`,
  ];
  const theirs = `pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = '${name}' AND rolname = '${owner}'`;
  return {
    is: 'task',
    title: `make the database ${name}`,
    done: asks(port, theirs),
    run: psql(port),
    stdin: `${text.join('\n')}\n`,
    as: 'postgres',
  };
}

/** A text as SQL reads it, with escapes so that neither a quote nor a line of psql can end it. */
function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}
