import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { parse as tomlOf } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as yamlOf } from 'yaml';
import {
  doubleQuoted,
  environment,
  ini,
  json,
  oneLine,
  settingLines,
  shellWord,
  singleQuoted,
  toml,
  daemonText,
  daemonCommand,
  yaml,
} from '../../../taskservs/host/render.ts';

/** Texts that have broken configuration files before. */
const HOSTILE = [
  "'; rm -rf / #",
  '$(touch /tmp/marked)',
  '`touch /tmp/marked`',
  '-rf',
  '${HOME}',
  '%n %h',
  'a" b',
  'a\\',
  '\\" x',
  '&& true',
  '; [section]',
  '# no comment',
  'yes',
  '0x1f',
  '~',
  '*alias',
  '!!tag',
  '@{upstream}',
  '<%= 1 %>',
  '{{ 1 }}',
  'ünïcödé 🙂',
];

const line = fc
  .oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }))
  .filter(text => text !== '' && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text));

describe('what a renderer wrote is read back as it was given', () => {
  it('YAML, TOML and JSON', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), line, (list, key) => {
        const value = { list, inside: { [key]: key } };
        expect(yamlOf(yaml(value))).toEqual(value);
        expect(yamlOf(yaml(value), { version: '1.1', schema: 'core' })).toEqual(value);
        expect(tomlOf(toml(value))).toEqual(value);
        expect(JSON.parse(json(value))).toEqual(value);
      }),
    );
  });

  it('words and environment files by a real shell', () => {
    const values = [...HOSTILE, ...fc.sample(line, 300)];
    const words = values.map(shellWord).join(' ');
    expect(shell(`printf '%s\\0' ${words}`)).toEqual(values);
    const named = Object.fromEntries(values.map((value, at) => [`V${at}`, value]));
    expect(shell(`${environment(named)}printf '%s\\0' ${values.map((_, at) => `"$V${at}"`).join(' ')}`)).toEqual(
      values,
    );
  });

  it('quoted values, by the rules of their readers', () => {
    fc.assert(
      fc.property(line, text => {
        const double = doubleQuoted(text);
        expect(double.slice(1, -1).replaceAll(/\\(.)/gu, '$1')).toBe(text);
        expect(double).toMatch(/^"(?:[^"\\]|\\.)*"$/u);
        const single = singleQuoted(text);
        expect(single.slice(1, -1).replaceAll("''", "'")).toBe(text);
        expect(single).toMatch(/^'(?:[^']|'')*'$/u);
      }),
    );
  });

  it('commands of units', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), words => {
        expect(unitWords(daemonCommand(['/bin/program', ...words]))).toEqual(['/bin/program', ...words]);
      }),
    );
  });
});

describe('a line stays one line', () => {
  it.each(['a\nb', 'a\rb', 'a\0b', 'a\u2028b', 'a\u0085b'])('%j is refused', text => {
    for (const render of [oneLine, doubleQuoted, singleQuoted]) expect(() => render(text)).toThrow(/line break/);
    expect(() => environment({ A: text })).toThrow(/line break/);
    expect(() => ini({ a: { b: text } })).toThrow(/line break/);
    expect(() => ini({ [text]: {} })).toThrow(/line break/);
    expect(() => settingLines({ [text]: 1 }, ' ')).toThrow(/line break/);
    expect(() => daemonText({ Service: { A: text } })).toThrow(/line break/);
  });

  it('and the number of lines is that of the settings', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), line), settings => {
        expect(ini({ s: settings }).split('\n')).toHaveLength(Object.keys(settings).length + 2);
      }),
    );
  });
});

it('leaves out what is undefined, and writes truth as systemd does', () => {
  expect(daemonText({ Service: { A: true, B: undefined, C: ['x', 'y'] } })).toContain('[Service]\nA=yes\nC=x\nC=y\n');
});

function shell(script: string): string[] {
  return execFileSync('sh', ['-s'], { input: script, encoding: 'utf8' }).split('\0').slice(0, -1);
}

/** The rules of systemd.service(5) and systemd.syntax(7), as far as we write them. */
function unitWords(command: string): string[] {
  return [...command.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/gu)].map(([, quoted, bare]) =>
    (quoted?.replaceAll(/\\(.)/gu, '$1') ?? bare ?? '').replaceAll('$$', '$').replaceAll('%%', '%'),
  );
}
