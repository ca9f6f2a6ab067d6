import { LIMITS } from '../limits.ts';
import { type Address, addressOf, type KindName, type Name } from '../name.ts';
import { isReserved } from '../parse/checks.ts';
import { looksSecret } from '../parse/secrets.ts';
import { byText, type Existing, objectKey } from './existing.ts';

/** Letters that Unicode does not take apart into a letter of a-z and an accent. */
const LETTERS: { readonly [letter: string]: string } = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** The name nearest to what the cloud calls an object: `Web 1 (Prod)` gives `web-1-prod`. Without a letter or digit in it, the kind. */
export function nameFrom(text: string, kind: KindName): Name {
  const plain = text
    .slice(0, 4 * LIMITS.nameLength)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\0-\x7f]/gu, letter => LETTERS[letter] ?? '-');
  const words = plain.split(/[^a-z0-9]+/).filter(word => word !== '');
  const name = words.join('-');
  if (name === '') return kind;
  return cut(/^\d/.test(name) || isReserved(name) ? `${kind}-${name}` : name, LIMITS.nameLength);
}

/**
 * A name for each object, by `objectKey`. It depends only on the objects of its kind and the addresses taken, not on the
 * order in which the cloud lists them; the oldest of several that are called the same keeps the name.
 */
export function namesFor(objects: readonly Existing[], taken: ReadonlySet<Address>): ReadonlyMap<string, Name> {
  const names = new Map<string, Name>();
  const used = new Set(taken);
  const later: { readonly object: Existing; readonly wanted: Name }[] = [];
  for (const object of [...objects].sort(byAge)) {
    const wanted = nameFrom(looksSecret(object.name) ? '' : object.name, object.kind);
    const address = addressOf(object.kind, wanted);
    if (used.has(address)) later.push({ object, wanted });
    else names.set(objectKey(object), wanted);
    used.add(address);
  }
  const next = new Map<Address, number>();
  for (const { object, wanted } of later) {
    const start = addressOf(object.kind, wanted);
    let number = next.get(start) ?? 2;
    let name = numbered(wanted, number);
    for (; used.has(addressOf(object.kind, name)); name = numbered(wanted, number)) number += 1;
    next.set(start, number + 1);
    used.add(addressOf(object.kind, name));
    names.set(objectKey(object), name);
  }
  return names;
}

function byAge(a: Existing, b: Existing): number {
  return byText(a.kind, b.kind) || a.createdAt - b.createdAt || byText(a.id, b.id);
}

function numbered(name: Name, number: number): Name {
  return `${cut(name, LIMITS.nameLength - String(number).length - 1)}-${number}`;
}

function cut(name: string, length: number): Name {
  return name.slice(0, length).replace(/-+$/, '');
}
