import type { z } from 'zod';
import type { ServiceItem } from './service-item.ts';
import type { ServiceParameter } from './service-parameter.ts';

type Path = readonly (string | number)[];

/** The fields of a service file that name each other. */
interface Said {
  readonly version?: string | undefined;
  readonly parameters: { readonly [name: string]: ServiceParameter };
  readonly ports: readonly { readonly port: string | number }[];
  readonly endpoint?: string | undefined;
  readonly items: readonly ServiceItem[];
}

/** Where a secret may stand: in the text of a file, and in what a command reads. Everything else can be seen on the host. */
const HIDDEN: ReadonlySet<string> = new Set(['text', 'stdin']);

/** Names that every file knows besides its parameters. */
const ALWAYS: readonly string[] = ['version', 'host.address', 'host.name'];

/** What the fields of a service file ask of each other. Each problem stands at its own place. */
export function checkService(file: Said, context: z.RefinementCtx): void {
  const wrong = (path: Path, message: string): void => context.addIssue({ code: 'custom', path: [...path], message });
  const { parameters } = file;
  for (const { name, path } of [
    ...used(file.items, ['items']),
    ...used(file.ports, ['ports']),
    ...used(file.endpoint, ['endpoint']),
  ]) {
    if (!ALWAYS.includes(name) && !Object.hasOwn(parameters, name)) wrong(path, `there is no parameter \`${name}\``);
    else if (isOpen(file, { name, path }))
      wrong(path, `\`${name}\` is secret, and everybody on the host could see it here`);
    else if (isProgram(file, path)) wrong(path, PROGRAM);
    else if (lacksVersion(file, { name, path }))
      wrong(path, 'where no version is asked for there is none: add `version`');
  }
  file.ports.forEach(({ port }, at) => {
    if (typeof port === 'string' && parameters[/^\$\{(\w+)\}$/.exec(port)?.[1] ?? '']?.type !== 'number')
      wrong(['ports', at, 'port'], 'is neither a number nor `${...}` with a parameter of type number');
  });
  file.items.forEach(({ when }, at) => {
    if (when !== undefined && parameters[when]?.type !== 'truth')
      wrong(['items', at, 'when'], 'names no parameter of type truth');
  });
}

interface Use {
  readonly name: string;
  readonly path: Path;
}

function isOpen({ parameters }: Pick<Said, 'parameters'>, { name, path }: Use): boolean {
  const [top, , field, ...deeper] = path;
  const isHidden = top === 'items' && deeper.length === 0 && HIDDEN.has(String(field));
  return parameters[name]?.type === 'secret' && !isHidden;
}

const INTERPRETER = /^(?:.*\/)?(?:(?:ba|da|a|k|z|fi)?sh|busybox|python[\d.]*|perl|ruby|node|lua[\d.]*|php|g?awk)$/;
const PROGRAM =
  'a program must not be made of values: give them as words after it, as in [sh, -c, \'echo "$1"\', sh, ...]';

/** The word after `sh -c` is read as a program, and a value in it could be one too. */
function isProgram({ items }: Pick<Said, 'items'>, [top, at, field, word]: Path): boolean {
  const item: { readonly [field: string]: unknown } | undefined = top === 'items' ? items[Number(at)] : undefined;
  const words = item?.[String(field)];
  if (!Array.isArray(words) || !words.some(one => INTERPRETER.test(String(one)))) return false;
  return /^-[a-z]*[ce]$/.test(String(words[Number(word) - 1]));
}

/** A package without a version is whatever the distribution has; nothing else can do without one. */
function lacksVersion({ version, items }: Pick<Said, 'version' | 'items'>, { name, path }: Use): boolean {
  const [top, at, field] = path;
  const isPackage = top === 'items' && field === 'version' && items[Number(at)]?.is === 'package';
  return name === 'version' && version === undefined && !isPackage;
}

/** Every place of a value in a part of the file. */
function used(value: unknown, path: Path): readonly Use[] {
  if (typeof value === 'string') return placeholders(value).map(name => ({ name, path }));
  if (Array.isArray(value)) return value.flatMap((one, at) => used(one, [...path, at]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => used(one, [...path, key]));
}

/** Names between `${` and `}` in a text; `$$` is a dollar sign and begins none. */
function placeholders(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(({ 1: name }) => (name === undefined ? [] : [name]));
}

/** A dollar sign that is meant, or a place for a value. */
export const PLACEHOLDER = /\$\$|\$\{([^{}]*)\}/g;
