import type { Terminal } from './terminal.ts';

/** Lines at the bottom of a terminal that are written over. */
export interface Block {
  /** Draws these lines in place of the former ones. */
  show(lines: readonly string[]): void;
  /** Prints text that stays, above the block. */
  above(text: string): void;
  /** Takes the block away. */
  clear(): void;
}

/** A block on standard error. It hides no output: whatever is printed above it scrolls as usual. */
export function openBlock(terminal: Terminal): Block {
  let drawn: readonly string[] = [];
  const erase = (): string => (drawn.length === 0 ? '' : `\u001b[${drawn.length}F\u001b[0J`);
  return {
    show(lines) {
      const before = erase();
      drawn = lines;
      if (before !== '' || lines.length > 0) terminal.err(before + lines.map(line => `${line}\n`).join(''));
    },
    above(text) {
      terminal.err(erase() + text + drawn.map(line => `${line}\n`).join(''));
    },
    clear() {
      if (drawn.length > 0) terminal.err(erase());
      drawn = [];
    },
  };
}
