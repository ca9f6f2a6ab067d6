import { stringify as tomlText } from 'smol-toml';
import { Document, visit } from 'yaml';
import type { Json } from '../../schemas/json.ts';

/** A setting as most formats know it. */
export type Setting = string | number | boolean;

/** Settings under their names, in the order in which they are written; what is undefined is left out. */
export type Settings = { readonly [name: string]: Setting | undefined };

/** The first line of every file that is written whole. `mark` begins a comment in its format. */
export function heading(mark = '#'): string {
  return `${mark} Written by provisioning; changes made here are undone.\n`;
}

/**
 * A text that may stand on one line as it is. The shapes of the parameters refuse line breaks and control characters
 * with words for people; this is the bolt behind that door, for formats that have no way to write them.
 */
export function oneLine(value: Setting): string {
  const text = String(value);
  if (/[\p{Cc}\u2028\u2029]/u.test(text)) throw new TypeError('a setting holds a line break or a control character');
  return text;
}

/** JSON in two-space steps. */
export function json(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * YAML, never folded: a long text stays on its line. Whatever a reader of YAML 1.1 or 1.2 could take for a truth, a number,
 * a date or a merge stands in quotes.
 */
export function yaml(value: Json): string {
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === 'string' && /^[^A-Za-z/]/.test(node.value) && !node.value.includes('\n'))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** TOML. */
export function toml(value: { readonly [key: string]: Json }): string {
  const text = tomlText(value);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** One word for a POSIX shell, or for a format that took over its single quotes (haproxy). */
export function shellWord(value: Setting): string {
  const text = String(value);
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** `NAME="value"` lines that a shell, systemd and pam_env's environment files read alike. */
export function environment(settings: Settings): string {
  return present(settings)
    .map(([name, value]) => `${name}="${oneLine(value).replaceAll(/["\\$`]/g, found => `\\${found}`)}"\n`)
    .join('');
}

/** `[section]` with `name = value` lines. `quote` writes a value as the reader of this very file wants it. */
export function ini(
  sections: { readonly [section: string]: Settings },
  quote: (value: Setting) => string = oneLine,
): string {
  return Object.entries(sections)
    .map(([section, settings]) => `[${oneLine(section)}]\n${settingLines(settings, ' = ', quote)}`)
    .join('\n');
}

/** `name<between>value` lines. */
export function settingLines(settings: Settings, between: string, quote: (value: Setting) => string = oneLine): string {
  return present(settings)
    .map(([name, value]) => `${oneLine(name)}${between}${quote(value)}\n`)
    .join('');
}

/** A value in double quotes with `\` before what would end or bend it, as option files of MariaDB and many others read it. */
export function doubleQuoted(value: Setting): string {
  return `"${oneLine(value).replaceAll(/["\\]/g, found => `\\${found}`)}"`;
}

/** A value in single quotes that are doubled inside: SQL, and the connection texts of PostgreSQL and PgBouncer. */
export function singleQuoted(value: Setting): string {
  return `'${oneLine(value).replaceAll("'", "''")}'`;
}

/** A setting of a systemd unit: `%` begins a specifier there. */
export function daemonSetting(value: Setting): string {
  return oneLine(value).replaceAll('%', '%%');
}

/** A command line of a systemd unit: every word reaches the program as it is. */
export function daemonCommand(argv: readonly [string, ...string[]]): string {
  const [program, ...words] = argv;
  return [daemonSetting(program), ...words.map(daemonWord)].join(' ');
}

function daemonWord(word: string): string {
  const text = daemonSetting(word).replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : doubleQuoted(text);
}

/** A setting of a unit may be given several times: then as a list. */
export type DaemonSection = { readonly [name: string]: Setting | readonly Setting[] | undefined };

/** The text of a systemd unit or of a drop-in. Values are written as given: make them with `daemonSetting` and `daemonCommand`. */
export function daemonText(sections: { readonly [section: string]: DaemonSection }): string {
  const lines = Object.entries(sections).map(([section, settings]) => {
    const inside = Object.entries(settings).flatMap(([name, value]) => {
      const values = Array.isArray(value) ? (value as readonly Setting[]) : [value as Setting | undefined];
      return values.filter(one => one !== undefined).map(one => `${name}=${oneLine(truth(one))}\n`);
    });
    return `[${section}]\n${inside.join('')}`;
  });
  return heading() + lines.join('\n');
}

function truth(value: Setting): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function present(settings: Settings): readonly [string, Setting][] {
  return Object.entries(settings).filter((entry): entry is [string, Setting] => entry[1] !== undefined);
}
