import type { Remark } from '../../schemas/forge.ts';
import { Address } from '../../schemas/name.ts';

/** What can be asked for in a comment. */
export type Command =
  | { readonly verb: 'plan' | 'approve' | 'apply' | 'hold' | 'resume' | 'rollback' | 'help' | 'fix' | 'adopt' }
  /** `until` is a day, `2026-12-24`. */
  | { readonly verb: 'snooze'; readonly until: string }
  | { readonly verb: 'exclude'; readonly address: Address }
  | { readonly verb: 'allow-deletes'; readonly count: number }
  /** Begins like a command, but is none. `text` is shown back and nothing else is done with it. */
  | { readonly verb: 'unknown'; readonly text: string };

const PLAIN = ['plan', 'approve', 'apply', 'hold', 'resume', 'rollback', 'help', 'fix', 'adopt'] as const;

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

/** What a comment on the standing issue about drift may ask, for people. */
export const DRIFT_COMMANDS_TEXT = '`fix`, `adopt`, `snooze <year-month-day>`';

/** A command as it was given, for people. */
export function commandText(command: Command): string {
  if (command.verb === 'exclude') return `exclude ${command.address}`;
  if (command.verb === 'allow-deletes') return `allow-deletes ${command.count}`;
  if (command.verb === 'snooze') return `snooze ${command.until}`;
  return command.verb === 'unknown' ? command.text : command.verb;
}

/** What the comment of a pull request may ask, for people. */
export const COMMANDS_TEXT =
  '`plan`, `approve`, `apply`, `hold`, `resume`, `exclude <address>`, `allow-deletes <number>`, `rollback`, `help`';

/**
 * The command of a comment; null when it has none. Only the first line counts, and it is compared with a fixed list of
 * words: nothing of it ever reaches a shell, a path or a query.
 */
export function commandOf(remark: Pick<Remark, 'body'>): Command | null {
  const line = (remark.body.split('\n', 1)[0] ?? '').trim();
  const [name, verb = '', argument, ...rest] = line.split(/\s+/);
  if (name !== '/provisioning') return null;
  const unknown: Command = { verb: 'unknown', text: line.slice(0, 80) };
  if (rest.length > 0) return unknown;
  const plain = PLAIN.find(known => known === verb);
  if (plain !== undefined) return argument === undefined ? { verb: plain } : unknown;
  if (verb === 'exclude') {
    const address = Address.safeParse(argument);
    return address.success ? { verb, address: address.data } : unknown;
  }
  if (verb === 'snooze' && argument !== undefined && isDay(argument)) return { verb, until: argument };
  if (verb === 'allow-deletes' && argument !== undefined && /^\d{1,5}$/.test(argument))
    return { verb, count: Number(argument) };
  return unknown;
}
