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
export function isSelected(labels: Labels, selector: string): boolean {
  return selector
    .split(/,(?![^(]*\))/)
    .map(part => part.trim())
    .every(part => {
      for (const [form, holds] of FORMS) {
        const found = form.exec(part);
        if (found !== null)
          return holds(
            labels,
            found[1] ?? '',
            (found[2] ?? '').split(',').map(one => one.trim()),
          );
      }
      throw refuse('bad-input', { field: 'label_selector' });
    });
}
