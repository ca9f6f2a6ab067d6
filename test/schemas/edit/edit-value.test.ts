import { describe, expect, it } from 'vitest';
import { editValue, type Edit } from '../../../schemas/edit/edit-value.ts';
import { Fault } from '../../../schemas/fault.ts';
import { drop, set } from './case.ts';
import { JSON_CASES } from './json-cases.ts';
import { TOML_CASES } from './toml-cases.ts';
import { YAML_CASES } from './yaml-cases.ts';

const FORMATS = { 'infra/web.yaml': YAML_CASES, 'infra/web.toml': TOML_CASES, 'infra/web.json': JSON_CASES };

describe.each(Object.entries(FORMATS))('editValue in %s', (path, cases) => {
  it.each(cases)('$name', each => {
    const { text } = editValue({ path: each.path ?? path, text: each.before }, each.edits);
    expect(text).toBe(each.after);
  });
});

interface RefusalCase {
  readonly name: string;
  readonly path?: string;
  readonly text: string;
  readonly edit: Edit;
  readonly what: RegExp;
  readonly at?: readonly [line: number, column: number];
}

const REFUSALS: readonly RefusalCase[] = [
  { name: 'an alias', text: 'a: &x 1\nb: *x\n', edit: set('b', 2), what: /`b` comes from an alias/, at: [2, 4] },
  { name: 'below an alias', text: 'a: &x { c: 1 }\nb: *x\n', edit: set('b.c', 2), what: /alias/ },
  { name: 'an anchor that is repeated', text: 'a: &x 1\nb: *x\n', edit: set('a', 2), what: /anchor/, at: [1, 7] },
  { name: 'below such an anchor', text: 'a: &x\n  c: 1\nb: *x\n', edit: set('a.d', 2), what: /anchor/ },
  {
    name: 'a map that holds such an anchor',
    text: 'a:\n  c: &x 1\n  d: 1\nb: *x\n',
    edit: drop('a.c'),
    what: /anchor/,
  },
  {
    name: 'a flow map that holds such an anchor',
    text: 'a: { c: &x 1, d: 1 }\nb: *x\n',
    edit: drop('a.c'),
    what: /anchor/,
  },
  { name: 'a merge key', text: 'a: &x { c: 1 }\nb:\n  <<: *x\n', edit: set('b.c', 2), what: /merge keys/ },
  {
    name: 'an expression',
    text: 'a:\n  b: "${var.size}"\n',
    edit: set('a.b', 'x'),
    what: /`a.b` comes from an expression/,
    at: [2, 6],
  },
  {
    name: 'an expression in a text',
    text: 'a: "http://${server.db.privateIp}:80"\n',
    edit: set('a', 'x'),
    what: /expression/,
  },
  { name: 'a list item that is an expression', text: 'a: [x, "${var.y}"]\n', edit: drop('a.1'), what: /expression/ },
  { name: 'an expression in TOML', path: 'a.toml', text: 'a = "${var.y}"\n', edit: drop('a'), what: /expression/ },
  {
    name: 'a counted resource',
    text: 'server:\n  web:\n    count: 3\n    size: small\n',
    edit: set('server.web.size', 'large'),
    what: /repeated/,
    at: [3, 5],
  },
  {
    name: 'a resource for each of several',
    path: 'a.json',
    text: '{ "server": { "web": { "forEach": ["a"], "labels": { "x": "1" } } } }',
    edit: set('server.web.labels.x', '2'),
    what: /repeated/,
  },
  { name: 'null in TOML', path: 'a.toml', text: 'a = 1\n', edit: set('a', { b: [null] }), what: /TOML cannot say/ },
  {
    name: 'a table of TOML that becomes a text',
    path: 'a.toml',
    text: '[a]\nb = 1\n',
    edit: set('a', 'x'),
    what: /in place/,
  },
  { name: 'a path through a text', text: 'a: x\n', edit: set('a.b', 1), what: /does not exist/ },
  { name: 'an index beyond the end', text: 'a: [1]\n', edit: set('a.2', 1), what: /does not exist/ },
  { name: 'an index that is none', text: 'a: [1]\n', edit: set('a.x', 1), what: /does not exist/ },
  { name: 'a reserved key', text: 'a: 1\n', edit: set('__proto__.x', 1), what: /cannot be set/ },
  { name: 'no path', text: 'a: 1\n', edit: set([], 1), what: /names no value/ },
  { name: 'a file that is no YAML', text: 'a: [1\n', edit: set('a', 1), what: /not closed/ },
];

describe('editValue refuses', () => {
  it.each(REFUSALS)('$name', ({ path = 'infra/web.yaml', text, edit, what, at }) => {
    let fault: unknown;
    try {
      editValue({ path, text }, [edit]);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(Fault);
    const { code, problems } = fault as Fault;
    expect(code).toBe('invalid');
    expect(problems[0]?.what).toMatch(what);
    expect(problems[0]?.fix).toMatch(/./);
    if (at !== undefined) expect(problems[0]?.at).toEqual({ file: path, line: at[0], column: at[1] });
  });

  it('makes no edit when one of several cannot be made', () => {
    const file = { path: 'a.yaml', text: 'a: 1\nb: "${var.x}"\n' };
    expect(() => editValue(file, [set('a', 2), set('b', 2)])).toThrow(Fault);
  });

  it('takes a literal dollar brace for text', () => {
    const { text } = editValue({ path: 'a.yaml', text: 'a: $${HOME}\n' }, [set('a', 'x')]);
    expect(text).toBe('a: x\n');
  });
});
