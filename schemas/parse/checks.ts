import { LIMITS } from '../limits.ts';
import { showText } from '../problem.ts';
import type { Entry, Flaw } from './node.ts';
import { codePoint } from './text.ts';

const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Format characters and the like: they are not shown, or change how others are. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}]/u;
/** Control characters but tab and line feed, which are text. */
const CONTROL = /[^\P{Cc}\t\n]/u;

/** True for the names of members that every JavaScript object has. */
export function isReserved(key: string): boolean {
  return RESERVED.has(key);
}

/** What is wrong with the keys of one map: too many, used twice, reserved, or with unseen characters. Linear. */
export function keyFlaws(entries: readonly Entry[], at: number): Flaw[] {
  const flaws: Flaw[] = [];
  if (entries.length > LIMITS.keysPerMap) {
    flaws.push({
      id: 'WS-KEYS',
      at,
      what: `a map has more than ${LIMITS.keysPerMap.toLocaleString('en-GB')} keys`,
      fix: 'split it over several files',
    });
  }
  const first = new Map<string, number>();
  for (const entry of entries) {
    const flaw = keyFlaw(entry, first);
    if (flaw !== undefined) flaws.push(flaw);
    else first.set(entry.key, entry.at);
  }
  return flaws;
}

function keyFlaw(entry: Entry, first: ReadonlyMap<string, number>): Flaw | undefined {
  const { key, at } = entry;
  if (RESERVED.has(key)) {
    return { id: 'WS-RESERVED', at, what: `"${key}" is a reserved name`, fix: 'use another name' };
  }
  const before = first.get(key);
  if (before !== undefined) {
    return {
      id: 'WS-DUPKEY',
      at,
      also: [before],
      what: `key "${showText(key)}" is used twice`,
      why: 'only one of them could take effect',
      fix: 'rename one or delete it',
    };
  }
  const unseen = INVISIBLE.exec(key) ?? CONTROL.exec(key);
  if (unseen === null) return undefined;
  return {
    id: 'WS-INVISIBLE',
    at,
    what: `the name "${showText(key)}" holds the invisible character ${codePoint(unseen[0])}`,
    why: 'two names that look alike could be different',
    fix: 'type the name anew',
  };
}

/** A control character that an escape such as `\x00` brought into a value. Line feeds and tabs are text. */
export function valueFlaw(value: string, at: number): Flaw | undefined {
  const control = CONTROL.exec(value);
  if (control === null) return undefined;
  return {
    id: 'WS-CONTROL',
    at,
    what: `the value holds the control character ${codePoint(control[0])}`,
    fix: 'delete it',
  };
}

/** The flaw of a value that is nested too deep, at its place. */
export function depthFlaw(at: number): Flaw {
  return { id: 'WS-DEPTH', at, what: `nested deeper than ${LIMITS.depth}`, fix: 'make the structure flatter' };
}

/** Number texts on which readers disagree, or that lose digits; undefined when `raw` is plain. */
export function numberFlaw(raw: string, value: number, at: number): Flaw | undefined {
  const shown = showText(raw);
  if (!Number.isFinite(value)) {
    return { id: 'WS-NUMBER', at, what: `${shown} is not a finite number`, fix: 'write a number' };
  }
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return {
      id: 'WS-NUMBER',
      at,
      what: `the number ${shown} is beyond 2^53 and would be rounded`,
      fix: `quote it if it is a name: "${shown}"`,
    };
  }
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(raw)) return undefined;
  return {
    id: 'WS-NUMBER',
    at,
    what: `${shown} is read as ${value}, and other programs read it differently`,
    fix: `write ${value}, or "${shown}" if it is text`,
  };
}
