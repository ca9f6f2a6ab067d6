import * as fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { editValue } from '../../../schemas/edit/edit-value.ts';
import { Fault } from '../../../schemas/fault.ts';
import { isObject, type Json, sameJson } from '../../../schemas/json.ts';
import { scaled } from '../../scaled.ts';
import { anyValue, jsonSample, type Recipe, recipes, type Sample, tomlSample, yamlSample } from './writer.ts';

/** Each format with a reader that is not ours. */
const FORMATS: readonly {
  readonly path: string;
  readonly sample: (recipe: Recipe) => Sample;
  readonly parse: (text: string) => unknown;
}[] = [
  { path: 'infra/a.yaml', sample: yamlSample, parse: text => parseYaml(text, { version: '1.2', schema: 'core' }) },
  { path: 'infra/a.toml', sample: tomlSample, parse: text => parseToml(text.replaceAll('\r\n', '\n')) },
  { path: 'infra/a.json', sample: jsonSample, parse: text => JSON.parse(text) },
];

const RUNS = { seed: 5, numRuns: scaled(40, 400) };

describe.each(FORMATS)('any edit of $path', ({ path, sample, parse }) => {
  it('is written by a generator that means what it says', () => {
    fc.assert(
      fc.property(recipes, recipe => {
        const { text, tree } = sample(recipe);
        expect(sameJson(plain(parse(text)), tree)).toBe(true);
      }),
      RUNS,
    );
  });

  it('of a scalar changes its text and no other character', () => {
    fc.assert(
      fc.property(recipes, fc.nat(), anyValue, (recipe, choice, value) => {
        const { text, tree, leaves } = sample(recipe);
        fc.pre(leaves.length > 0);
        const leaf = pick(leaves, choice);
        const after = editValue({ path, text }, [{ path: leaf.path, value }]).text;
        expect(sameJson(plain(parse(after)), put(tree, leaf.path, value))).toBe(true);
        expect(after.startsWith(text.slice(0, leaf.from))).toBe(true);
        expect(after.endsWith(text.slice(leaf.to))).toBe(true);
      }),
      RUNS,
    );
  });

  it('that adds a key or an item leaves all that was there', () => {
    fc.assert(
      fc.property(recipes, fc.nat(), anyValue, (recipe, choice, value) => {
        const { text, tree } = sample(recipe);
        const parent = pick(collections(tree, []), choice);
        const holder = at(tree, parent);
        // A list of tables under headers of their own takes nothing else.
        fc.pre(!path.endsWith('.toml') || !Array.isArray(holder) || isObject(value));
        const target = [...parent, Array.isArray(holder) ? String(holder.length) : 'fresh'];
        const after = editValue({ path, text }, [{ path: target, value }]).text;
        expect(sameJson(plain(parse(after)), put(tree, target, value))).toBe(true);
        expect(isWithin(text, after)).toBe(true);
      }),
      RUNS,
    );
  });

  it('that removes something adds nothing but an empty map or list', () => {
    let refusals = 0;
    fc.assert(
      fc.property(recipes, fc.nat(), (recipe, choice) => {
        const { text, tree } = sample(recipe);
        const target = pick(members(tree, []), choice);
        let after: string;
        try {
          after = editValue({ path, text }, [{ path: target, value: undefined }]).text;
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          refusals += 1;
          return;
        }
        expect(sameJson(plain(parse(after) ?? {}), put(tree, target, undefined))).toBe(true);
        const isLast = Object.keys(at(tree, target.slice(0, -1)) as object).length === 1;
        if (!isLast) expect(isWithin(after, text)).toBe(true);
      }),
      RUNS,
    );
    expect(refusals).toBe(0);
  });

  it('that makes any tree of any other is done or refused, never wrong', () => {
    let refusals = 0;
    fc.assert(
      fc.property(recipes, fc.nat(), anyValue, (recipe, choice, value) => {
        const { text, tree } = sample(recipe);
        const target = pick(members(tree, []), choice);
        try {
          const after = editValue({ path, text }, [{ path: target, value }]).text;
          expect(sameJson(plain(parse(after)), put(tree, target, value))).toBe(true);
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          refusals += 1;
        }
      }),
      RUNS,
    );
    // Tables of TOML that would have to become something else are refused; nothing else is.
    expect(refusals).toBeLessThan(path.endsWith('.toml') ? RUNS.numRuns / 4 : 1);
  });
});

function pick<T>(of: readonly T[], choice: number): T {
  return of[choice % of.length] as T;
}

/** Without the classes and prototypes of the parsers; a TOML date is its text. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function at(tree: Json, path: readonly string[]): Json {
  return path.reduce((from: Json, key) => (from as { [key: string]: Json })[key] as Json, tree);
}

function put(tree: Json, path: readonly string[], value: Json | undefined): Json {
  const copy = structuredClone(tree) as { [key: string]: Json };
  const holder = at(copy, path.slice(0, -1)) as { [key: string]: Json } | Json[];
  const key = path.at(-1) as string;
  if (Array.isArray(holder)) holder.splice(Number(key), 1, ...(value === undefined ? [] : [value]));
  else if (value === undefined) delete holder[key];
  else holder[key] = value;
  return copy;
}

function collections(tree: Json, path: readonly string[]): (readonly string[])[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return [path, ...Object.entries(tree).flatMap(([key, member]) => collections(member as Json, [...path, key]))];
}

function members(tree: Json, path: readonly string[]): (readonly string[])[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, member]) => [[...path, key], ...members(member as Json, [...path, key])]);
}

/** Whether all characters of one text stand in another in the same order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (character === part[at]) at += 1;
  return at === part.length;
}
