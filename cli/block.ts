import type { Clock } from '../schemas/world.ts';
import type { Tally } from './tally.ts';
import type { Terminal } from './terminal.ts';
export function openBlock(terminal: Terminal, _clock: Clock) {
  return { above: (text: string) => terminal.err(text), clear() {}, show(_tally: Tally) {}, close() {} };
}
