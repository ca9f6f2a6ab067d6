import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TASKSERVS } from '../../taskservs/index.ts';
import type { TaskService } from '../../schemas/taskserv.ts';
import type { GeneratedFile } from '../generate.ts';
import { cell, table } from './comments.ts';
import { ROOT } from './format.ts';

/** What stands between these lines of a readme is written here: the parameters as the schema of the service has them. */
const BETWEEN = /(<!-- parameters -->\n)[^]*?(<!-- end of parameters -->)/;

interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [field: string]: Shape };
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly secret?: boolean;
  readonly default?: unknown;
}

/** The readme of every service that has room for its table of parameters. */
export function readmeFiles(): readonly GeneratedFile[] {
  return Object.values(TASKSERVS).flatMap(service => {
    const path = `taskservs/${service.name}/readme.md`;
    if (!existsSync(join(ROOT, path))) return [];
    const text = readFileSync(join(ROOT, path), 'utf8');
    return BETWEEN.test(text)
      ? [
          {
            path,
            text: text.replace(BETWEEN, (_, start: string, end: string) => `${start}${parameters(service)}\n${end}`),
          },
        ]
      : [];
  });
}

function parameters(service: TaskService): string {
  const shape = z.toJSONSchema(service.parameters(), { io: 'input', unrepresentable: 'any' }) as Shape;
  const rows = rowsOf(shape, '');
  return rows.length === 0
    ? 'It has no parameters besides `version`.\n'
    : `${table(['parameter', '', 'meaning'], rows)}\n`;
}

function rowsOf(shape: Shape, above: string): readonly (readonly string[])[] {
  const required = new Set(shape.required);
  return Object.entries(shape.properties ?? {}).flatMap(([field, one]) => {
    const name = `${above}${field}`;
    const row = [`\`${name}\``, `${kindOf(one)}${required.has(field) ? ', required' : ''}`, cell(meaningOf(one))];
    return [row, ...below(one, name)];
  });
}

/** The default is told once: where the description says it in words, that suffices. */
function meaningOf({ description = '', default: standard }: Shape): string {
  return standard === undefined || description.includes('Default')
    ? description
    : `${description} Default: \`${JSON.stringify(standard)}\`.`;
}

function below(one: Shape, name: string): readonly (readonly string[])[] {
  const each = typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined;
  if (each !== undefined) return rowsOf(each, `${name}.<name>.`);
  return one.items === undefined ? rowsOf(one, `${name}.`) : rowsOf(one.items, `${name}[].`);
}

function kindOf({ type, enum: words, secret, items, additionalProperties }: Shape): string {
  if (secret === true) return 'secret';
  if (words !== undefined) return words.map(word => `\`${String(word)}\``).join(', ');
  if (type === 'array') return items?.type === 'object' ? 'list' : `list of ${items?.type ?? 'value'}s`;
  if (type === 'object') return typeof additionalProperties === 'object' ? 'by name' : 'block';
  return type === 'integer' ? 'number' : (type ?? 'value');
}
