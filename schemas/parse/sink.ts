import type { Problem } from '../fault.ts';
import { Fault } from '../fault.ts';
import { LIMITS } from '../limits.ts';
import type { Position } from '../position.ts';
import { type Document, lineColumn } from './node.ts';

/** Where something stands: resolved to line and column only when it is shown. */
export interface Place {
  readonly document: Document;
  readonly at: number;
}

/** A problem as the loader states it: places instead of positions. */
export interface Finding {
  readonly id: string;
  readonly also?: readonly Place[];
  readonly what: string;
  readonly why?: string | undefined;
  readonly fix?: string | undefined;
}

/** Collects everything that is wrong in one load, so that a person sees all of it at once. */
export interface Sink {
  error(place: Place | undefined, finding: Finding): void;
  /** A problem that was found and placed elsewhere. */
  add(problem: Problem): void;
  warn(place: Place | undefined, finding: Finding): void;
  /** Number of errors so far. */
  count(): number;
  positionOf(place: Place): Position;
  warnings(): readonly Problem[];
  /** Throws Fault `invalid` with all errors, sorted by place, when there is one. */
  finish(files: number): void;
}

/** An empty sink. `prefix` is the folder of the workspace in its repository; positions begin with it. */
export function createSink(prefix: string): Sink {
  const errors: Problem[] = [];
  const warnings: Problem[] = [];
  const perFile = new Map<string, number>();
  const stated = new Set<string>();
  let omitted = 0;
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const positionOf = ({ document, at }: Place): Position => ({
    file: folder + document.path,
    ...lineColumn(document, at),
  });
  const problemOf = (place: Place | undefined, { id, also = [], what, why, fix }: Finding): Problem => ({
    id,
    ...(place === undefined ? {} : { at: positionOf(place) }),
    ...(also.length === 0 ? {} : { also: also.map(positionOf) }),
    what,
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
  });
  return {
    error(place, finding) {
      // A repeated resource would say the same of the same place once for each instance.
      const key = `${place?.document.path}:${place?.at} ${finding.id} ${finding.what}`;
      if (stated.has(key)) return;
      stated.add(key);
      const file = place?.document.path ?? '';
      const known = perFile.get(file) ?? 0;
      perFile.set(file, known + 1);
      if (known >= LIMITS.problemsPerFile) omitted += 1;
      else errors.push(problemOf(place, finding));
    },
    add: problem => void errors.push(problem),
    warn: (place, finding) => void warnings.push(problemOf(place, finding)),
    count: () => errors.length,
    positionOf,
    warnings: () => warnings.toSorted(byPlace),
    finish(files) {
      if (errors.length === 0) return;
      throw new Fault('invalid', errors.toSorted(byPlace), {
        data: { files, warnings: warnings.length, ...(omitted === 0 ? {} : { omitted }) },
      });
    },
  };
}

function byPlace(a: Problem, b: Problem): number {
  const [first, second] = [a.at, b.at];
  if (first === undefined || second === undefined) return Number(first !== undefined) - Number(second !== undefined);
  if (first.file !== second.file) return first.file < second.file ? -1 : 1;
  return first.line - second.line || first.column - second.column || (a.id < b.id ? -1 : Number(a.id > b.id));
}
