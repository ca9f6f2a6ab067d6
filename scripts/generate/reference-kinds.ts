import { z } from 'zod';
import { PROVIDERS } from '../../providers/index.ts';
import { KINDS } from '../../schemas/kinds/index.ts';
import type { Kind } from '../../schemas/kind.ts';
import { cell, page, table } from './comments.ts';

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Property;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly anyOf?: readonly Property[];
}

/** Every kind of resource with its fields, what changing one does, and its outputs. */
export function kindsPage(): string {
  const kinds = Object.values(KINDS);
  return page('Kinds', [
    'What a file under `infra/` can describe. *live*: the change interrupts nothing. *restart*: the object is stopped and started. *replace*: it is deleted and created anew.',
    table(
      ['kind', '', 'providers'],
      kinds.map(kind => [`[\`${kind.name}\`](#${kind.name})`, cell(kind.summary), offeredBy(kind)]),
    ),
    ...kinds.map(section),
  ]);
}

function offeredBy(kind: Kind): string {
  return Object.values(PROVIDERS)
    .filter(provider => provider.capability(kind.name, {}) !== undefined)
    .map(provider => provider.name)
    .join(', ');
}

function section(kind: Kind): string {
  const schema = z.toJSONSchema(kind.spec, { io: 'input', unrepresentable: 'any' }) as {
    readonly properties?: { readonly [field: string]: Property };
    readonly required?: readonly string[];
  };
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).map(([field, property]) => [
    `\`${field}\`${required.has(field) ? ' (required)' : ''}`,
    cell(typeText(property)),
    effectOf(kind, field),
    cell(property.description ?? ''),
  ]);
  const outputs = Object.entries(kind.outputs).map(([output, rule]) => {
    const same = rule.sameAs === undefined ? '' : `, always the field \`${rule.sameAs}\``;
    return `- \`\${${kind.name}.<name>.${output}}\`: ${rule.lifetime === 'stable' ? 'never changes' : 'may change'}${same}`;
  });
  const notes = [
    kind.holdsData ? 'It holds data: deleting or replacing it loses them.' : '',
    kind.createFirst
      ? 'A replacement is created before the old one is deleted.'
      : 'The old one is deleted before its replacement is created.',
  ].filter(note => note !== '');
  return [
    `## ${kind.name}`,
    `${kind.summary} ${notes.join(' ')}`,
    table(['field', 'value', 'change', ''], fields),
    `Outputs\n\n${outputs.join('\n')}`,
  ].join('\n\n');
}

function effectOf(kind: Kind, field: string): string {
  const rule = kind.fields[field];
  if (rule === undefined) return '';
  const more = [
    rule.growOnly === true ? 'only grows' : '',
    rule.writeOnly === true ? 'never read back' : '',
    rule.set === true ? 'order does not matter' : '',
  ];
  return [rule.effect, ...more].filter(text => text !== '').join(', ');
}

function typeText(property: Property): string {
  if (property.enum !== undefined) return property.enum.map(value => `\`${String(value)}\``).join(', ');
  if (property.anyOf !== undefined) return [...new Set(property.anyOf.map(typeText))].join(' or ');
  if (property.type === 'array') return `list of ${typeText(property.items ?? {})}`;
  const { minimum, maximum } = property;
  const bounds =
    minimum !== undefined && maximum !== undefined && Math.abs(minimum) < 1e15 ? ` ${minimum} to ${maximum}` : '';
  return `${property.type === 'object' ? 'map' : (property.type ?? 'text')}${bounds}`;
}
