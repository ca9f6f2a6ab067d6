import { Fault, type Problem } from '../fault.ts';
import { type Document, lineColumn } from '../parse/node.ts';
import { showText } from '../problem.ts';
import type { Position } from '../position.ts';

/** A place in a file that is being edited: offset in its plain text. */
export interface EditPlace {
  readonly path: string;
  readonly text: string;
  readonly at: number;
}

/** Line and column of a place. */
export function positionAt({ path, text, at }: EditPlace): Position {
  const document: Document = { path, text, root: null, flaws: [] };
  return { file: path, ...lineColumn(document, at) };
}

/** The reasons for which a value is left alone: none could be changed in place without changing something else too, or losing something. */
const REASONS = {
  alias: {
    what: 'comes from an alias',
    why: 'its text stands at the anchor, and everything else that uses the anchor would change with it',
    fix: 'write the value out in place of the alias, then try again',
  },
  anchor: {
    what: 'stands under an anchor that an alias elsewhere repeats',
    why: 'the places that repeat it would change with it',
    fix: 'write the value out where it is repeated, then try again',
  },
  expression: {
    what: 'comes from an expression',
    why: 'a fixed value in its place would cut the link to what it refers to',
    fix: 'change what the expression refers to, or replace the expression yourself',
  },
  repeated: {
    what: 'belongs to a resource that is repeated by count or forEach',
    why: 'its text stands for every instance, and all of them would change',
    fix: 'take this instance out of the repetition, then try again',
  },
  host: {
    what: 'is not as it was left on its host, which no field says: `fix` puts it right, `snooze` leaves it until a day',
    why: 'packages, files and daemons are made from the parameters, and do not tell which parameters they would come from',
    fix: 'to keep what was changed, write the parameter that gives it into the file',
  },
  null: {
    what: 'would become empty, which TOML cannot say',
    why: 'TOML has no null',
    fix: 'remove the field instead',
  },
  shape: {
    what: 'cannot be changed in place',
    why: 'the way it is written leaves no edit that changes this value and nothing else',
    fix: 'change it by hand',
  },
} as const;
/** Which of the reasons it is. */
export type Refusal = keyof typeof REASONS;

/** The problem to report for a value that is left alone. */
export function refusal(reason: Refusal, path: readonly string[], at?: Position): Problem {
  const { what, why, fix } = REASONS[reason];
  return { id: 'WS-EDIT', ...(at === undefined ? {} : { at }), what: `${showPath(path)} ${what}`, why, fix };
}

/** The same as the fault that ends the edit. */
export function refused(reason: Refusal, path: readonly string[], place: EditPlace): Fault {
  return new Fault('invalid', refusal(reason, path, positionAt(place)));
}

/** A path as people read it: `server.web.size`. */
export function showPath(path: readonly string[]): string {
  return `\`${showText(path.join('.'))}\``;
}
