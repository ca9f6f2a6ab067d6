import { type Document as YamlDocument, visit, type YAMLError } from 'yaml';
import { LIMITS } from '../limits.ts';
import { showText } from '../problem.ts';
import { depthFlaw } from './checks.ts';
import type { Flaw } from './node.ts';

/** What is wrong with a document as YAML, in our own words: the package's messages quote the file. */
export function refusals(text: string, document: YamlDocument.Parsed): Flaw[] {
  if (document.errors.some(error => error.code === 'RESOURCE_EXHAUSTION')) return [depthFlaw(deepPlace(text))];
  const problems = [...document.errors, ...document.warnings];
  const flaws = [...headFlaws(text, document), ...problems.map(error => syntaxFlaw(error, text, document))];
  return flaws.slice(0, LIMITS.problemsPerFile);
}

function headFlaws(text: string, document: YamlDocument.Parsed): Flaw[] {
  const directive = /^%\S*/m.exec(text);
  const { yaml, tags } = document.directives;
  if (directive === null || (yaml.explicit !== true && Object.keys(tags).length === 1)) return [];
  return [
    {
      id: 'WS-DIRECTIVE',
      at: directive.index,
      what: `the directive ${showText(directive[0])} is not allowed`,
      why: 'it changes what the rest of the file means',
      fix: 'delete the line',
    },
  ];
}

const SYNTAX: {
  readonly [code in YAMLError['code']]?: {
    readonly id: string;
    readonly what: string;
    readonly why?: string;
    readonly fix: string;
  };
} = {
  TAB_AS_INDENT: { id: 'WS-TAB', what: 'a tab is used as indentation', fix: 'use spaces' },
  MULTIPLE_DOCS: {
    id: 'WS-DOCUMENTS',
    what: 'a second document begins here',
    why: 'one document per file',
    fix: 'move it to a file of its own',
  },
  BAD_INDENT: { id: 'WS-SYNTAX', what: 'the indentation fits no line above', fix: 'indent it like its neighbours' },
  MISSING_CHAR: { id: 'WS-SYNTAX', what: 'a closing quote, bracket, comma or colon is missing', fix: 'add it' },
  BAD_DQ_ESCAPE: {
    id: 'WS-SYNTAX',
    what: 'an unknown escape in a double-quoted text',
    fix: 'write \\\\ for a backslash, or use single quotes',
  },
  BAD_ALIAS: { id: 'WS-SYNTAX', what: 'an alias without a name', fix: 'quote a text that starts with *' },
  BAD_SCALAR_START: { id: 'WS-SYNTAX', what: 'a text cannot start with this character', fix: 'quote it' },
  MULTILINE_IMPLICIT_KEY: {
    id: 'WS-SYNTAX',
    what: 'a key goes over more than one line, or a colon is missing',
    fix: 'put `key: value` on one line',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    id: 'WS-SYNTAX',
    what: 'a map begins inside a line',
    fix: 'put it on lines of its own, or quote the text',
  },
  NON_STRING_KEY: { id: 'WS-SYNTAX', what: 'a key is not text', fix: 'use text as key' },
};

function syntaxFlaw(error: YAMLError, text: string, document: YamlDocument.Parsed): Flaw {
  const [at] = error.pos;
  if (error.code === 'TAG_RESOLVE_FAILED') return tagFlaw(/\S*/y.exec(text.slice(at, at + 100))?.[0] ?? '', at);
  const open = error.code === 'MISSING_CHAR' || error.code === 'BAD_INDENT' ? openPlace(text, document) : undefined;
  if (open !== undefined) {
    const what = `a ${'"\''.includes(text[open] ?? '') ? 'quote' : 'bracket'} is opened here and not closed`;
    return { id: 'WS-SYNTAX', at: open, what, fix: 'close it' };
  }
  const known = SYNTAX[error.code] ?? { id: 'WS-SYNTAX', what: 'this is not YAML', fix: 'correct the line' };
  return { ...known, at };
}

/** Where a quote or bracket is opened that nothing closes: the package reports only where it missed the end. */
function openPlace(text: string, document: YamlDocument.Parsed): number | undefined {
  let found: number | undefined;
  const check = (start: number, end: number, close: string | undefined): symbol | undefined => {
    let last = end - 1;
    while (last > start && (text[last] === ' ' || text[last] === '\n')) last -= 1;
    if (last > start && text[last] === close) return undefined;
    found = start;
    return visit.BREAK;
  };
  visit(document, {
    Scalar: (_, { type, range }) =>
      type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE'
        ? check(range?.[0] ?? 0, range?.[1] ?? 0, text[range?.[0] ?? 0])
        : undefined,
    Collection: (_, { flow, range }) =>
      flow === true ? check(range?.[0] ?? 0, range?.[1] ?? 0, text[range?.[0] ?? 0] === '{' ? '}' : ']') : undefined,
  });
  return found;
}

/** The flaw of a tag that is not one of YAML's own. */
export function tagFlaw(tag: string, at: number): Flaw {
  return {
    id: 'WS-TAG',
    at,
    what: `unknown tag ${showText(tag)}`,
    why: 'tags change what a value means',
    fix: 'delete the tag',
  };
}

/** Where nesting passes the limit, judged by brackets and indentation alone: only asked when the package ran out of stack. */
export function deepPlace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '[' || unit === '{') open += 1;
    else if (unit === ']' || unit === '}') open -= 1;
    if (open > LIMITS.depth) return at;
  }
  const deep = new RegExp(`^ {${LIMITS.depth},}`, 'm').exec(text);
  return deep === null ? 0 : deep.index + deep[0].length;
}
