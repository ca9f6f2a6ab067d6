import type { Json } from '../../schemas/json.ts';
import type { Clock } from '../../schemas/world.ts';
import type { Log, LogLevel } from './port.ts';

const RANK: { readonly [level in LogLevel]: number } = { note: 0, warning: 1, error: 2 };

/** A log of lines: JSON for machines that collect them, plain text for people. Lines below `level` are dropped. */
export function lineLog(options: {
  readonly format: 'text' | 'json';
  readonly level: LogLevel;
  readonly clock: Clock;
  readonly print: (line: string) => void;
}): Log {
  const { format, level: least, clock, print } = options;
  return {
    write(level, text, fields = {}) {
      if (RANK[level] < RANK[least]) return;
      const at = new Date(clock.now()).toISOString();
      print(format === 'json' ? JSON.stringify({ at, level, text, ...fields }) : plain(level, text, fields));
    },
  };
}

function plain(level: LogLevel, text: string, fields: { readonly [key: string]: Json }): string {
  const tail = Object.entries(fields).map(([key, value]) => `${key}=${showValue(value)}`);
  return escaped([level === 'note' ? text : `${level}: ${text}`, ...tail].join('  '));
}

function showValue(value: Json): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) && value !== '' ? value : JSON.stringify(value);
}

/** Control characters could move the cursor or forge a line. */
function escaped(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}]/gu, letter => `\\u{${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}
