import type { Fields } from './model.ts';
import { refuse } from './rules.ts';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/** Labels as they were sent, if they are such that the API takes them. */
export function labelsIn(body: Fields): { [key: string]: string } {
  const labels = (body['labels'] ?? {}) as { [key: string]: string };
  for (const [key, value] of Object.entries(labels)) {
    const parts = key.split('/');
    const name = parts.pop() ?? '';
    const isKey =
      parts.length <= 1 && NAME.test(name) && parts.every(part => PREFIX.test(part)) && parts[0] !== 'hetzner.cloud';
    if (!isKey || typeof value !== 'string' || !VALUE.test(value)) throw refuse('bad-labels', { key });
  }
  return { ...labels };
}

type Labels = { readonly [key: string]: string };

const FORMS: readonly (readonly [RegExp, (labels: Labels, key: string, values: readonly string[]) => boolean])[] = [
  [/^(\S+)\s+in\s+\(([^)]*)\)$/, (labels, key, values) => key in labels && values.includes(labels[key] ?? '')],
  [/^(\S+)\s+notin\s+\(([^)]*)\)$/, (labels, key, values) => !values.includes(labels[key] ?? '\0')],
  [/^([^=!\s]+)\s*!=\s*(\S*)$/, (labels, key, [value]) => labels[key] !== value],
  [/^([^=!\s]+)\s*={1,2}\s*(\S*)$/, (labels, key, [value]) => labels[key] === value],
  [/^!([^=!\s]+)$/, (labels, key) => !(key in labels)],
  [/^([^=!\s]+)$/, (labels, key) => key in labels],
];

/** Whether labels are those that a selector asks for; its parts all have to hold. */
export function selected(selector: string): (labels: Labels) => boolean {
  const parts = selector.split(/,(?![^(]*\))/).map(part => condition(part.trim()));
  return labels => parts.every(holds => holds(labels));
}

function condition(part: string): (labels: Labels) => boolean {
  for (const [form, holds] of FORMS) {
    const found = form.exec(part);
    if (found === null) continue;
    const values = (found[2] ?? '').split(',').map(one => one.trim());
    return labels => holds(labels, found[1] ?? '', values);
  }
  throw refuse('bad-input', { field: 'label_selector' });
}
