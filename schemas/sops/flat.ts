/** Metadata as single lines, for formats without maps: `age__list_0__map_recipient`. */
export function flatten(metadata: { readonly [field: string]: unknown }): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  const visit = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(`${name}__list_${index}`, item);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) visit(`${name}__map_${key}`, item);
    else if (value !== null && value !== undefined) lines.set(name, String(value).replaceAll('\n', '\\n'));
  };
  for (const [field, value] of Object.entries(metadata)) visit(field, value);
  return new Map([...lines].sort(([one], [other]) => (one < other ? -1 : 1)));
}

type Tree = Map<string, Tree | string>;

/** The other way round. Everything is text in it but what SOPS itself reads as something else. */
export function unflatten(lines: ReadonlyMap<string, string>): { readonly [field: string]: unknown } {
  const root: Tree = new Map();
  for (const [name, value] of lines) {
    const steps = name.split(/(?=__map_|__list_)/).map(step => step.replace(/^__map_/, ''));
    let at = root;
    for (const step of steps.slice(0, -1)) {
      const next = at.get(step);
      const inside: Tree = next instanceof Map ? next : new Map();
      at.set(step, inside);
      at = inside;
    }
    at.set(steps.at(-1) ?? '', value.replaceAll('\\n', '\n'));
  }
  const plain = new Map<string, unknown>([...root].map(([key, value]) => [key, shape(value)]));
  if (plain.has('mac_only_encrypted')) plain.set('mac_only_encrypted', plain.get('mac_only_encrypted') === 'true');
  if (plain.has('shamir_threshold')) plain.set('shamir_threshold', Number(plain.get('shamir_threshold')));
  return Object.fromEntries(plain);
}

function shape(value: Tree | string): unknown {
  if (typeof value === 'string') return value;
  const entries = [...value].map(([key, inner]) => [key, shape(inner)] as const);
  if (!entries.every(([key]) => key.startsWith('__list_'))) return Object.fromEntries(entries);
  return entries.sort(([one], [other]) => Number(one.slice(7)) - Number(other.slice(7))).map(([, inner]) => inner);
}
