import { drop, type EditCase, set } from './case.ts';

export const JSON_CASES: readonly EditCase[] = [
  {
    name: 'a value over several lines',
    before: '{\n  "a" : "x",\n\t"b": [1, 2]\n}\n',
    edits: [set('a', 'y'), set('b.1', 3)],
    after: '{\n  "a" : "y",\n\t"b": [1, 3]\n}\n',
  },
  {
    name: 'a new key over several lines',
    before: '{\n  "a": {\n    "x": 1\n  }\n}\n',
    edits: [set('a.y', { k: ['v'] })],
    after: '{\n  "a": {\n    "x": 1,\n    "y": { "k": ["v"] }\n  }\n}\n',
  },
  {
    name: 'a new key on one line',
    before: '{"a":1}',
    edits: [set('b', { c: 2 })],
    after: '{"a":1, "b":{"c":2}}',
  },
  {
    name: 'the last key over several lines is removed',
    before: '{\n  "a": 1,\n  "b": 2\n}\n',
    edits: [drop('b')],
    after: '{\n  "a": 1\n}\n',
  },
  { name: 'the only key is removed', before: '{ "a": { "b": 1 } }', edits: [drop('a.b')], after: '{ "a": {} }' },
  {
    name: 'an item in the middle is removed',
    before: '{ "a": [1, 2, 3] }\n',
    edits: [set('a', [1, 3])],
    after: '{ "a": [1, 3] }\n',
  },
  {
    name: 'an item goes between two others',
    before: '{\n  "a": [\n    1,\n    3\n  ]\n}\n',
    edits: [set('a', [1, 2, 3])],
    after: '{\n  "a": [\n    1,\n    2,\n    3\n  ]\n}\n',
  },
  {
    name: 'escapes and CRLF',
    before: '{\r\n  "a": "\\u00e4\\"",\r\n  "b": null\r\n}\r\n',
    edits: [set('a', 'x"y'), set('b', true), set('c', 1)],
    after: '{\r\n  "a": "x\\"y",\r\n  "b": true,\r\n  "c": 1\r\n}\r\n',
  },
  { name: 'an empty map', before: '{}\n', edits: [set('a', 1)], after: '{ "a": 1 }\n' },
  {
    name: 'a map becomes a text',
    before: '{ "a": { "b": [1] }, "c": 2 }',
    edits: [set('a', 'x')],
    after: '{ "a": "x", "c": 2 }',
  },
];
