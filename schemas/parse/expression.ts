import { LIMITS } from '../limits.ts';

/** One `${...}` in a text. `parts` is what stands between the braces; it may itself hold expressions. */
export interface Expression {
  readonly parts: readonly (string | Expression)[];
  /** As written, braces included. */
  readonly text: string;
}

/** A text cut into what stands as it is and what has to be evaluated. */
export type Template = readonly (string | Expression)[];

/** Why a text could not be cut. */
export class BadExpression extends Error {
  readonly id: string;
  constructor(id: string, what: string) {
    super(what);
    this.id = id;
  }
}

/** True when a text needs parsing: it holds `${`, be it an expression or the literal `$${`. */
export function hasExpression(text: string): boolean {
  return text.includes('${');
}

/** Cuts a text into a template; `$${` is a literal `${`. Throws BadExpression. */
export function parseTemplate(text: string): Template {
  const { parts } = read(text, { at: 0, depth: 0 });
  return parts;
}

function read(
  text: string,
  from: { readonly at: number; readonly depth: number },
): { parts: (string | Expression)[]; end: number } {
  if (from.depth > LIMITS.interpolationDepth)
    throw new BadExpression('WS-NESTING', `expressions are nested deeper than ${LIMITS.interpolationDepth}`);
  const parts: (string | Expression)[] = [];
  let plain = '';
  let at = from.at;
  while (at < text.length) {
    const next = nextMark(text, at, from.depth > 0);
    plain += text.slice(at, next);
    at = next;
    if (at >= text.length) break;
    if (text[at] === '}') break;
    if (text.startsWith('$${', at)) {
      plain += '${';
      at += 3;
    } else {
      const inner = read(text, { at: at + 2, depth: from.depth + 1 });
      if (text[inner.end] !== '}') throw new BadExpression('WS-EXPRESSION', 'an expression is not closed');
      if (plain !== '') parts.push(plain);
      plain = '';
      parts.push({ parts: inner.parts, text: text.slice(at, inner.end + 1) });
      at = inner.end + 1;
    }
  }
  if (plain !== '') parts.push(plain);
  return { parts, end: at };
}

/** Index of the next `${`, `$${` or, inside an expression, `}`; the length when there is none. */
function nextMark(text: string, from: number, inside: boolean): number {
  for (let at = from; at < text.length; at += 1) {
    const unit = text[at];
    if (inside && unit === '}') return at;
    if (unit === '$' && (text[at + 1] === '{' || (text[at + 1] === '$' && text[at + 2] === '{'))) return at;
  }
  return text.length;
}
