import type { Operation } from './operation.ts';

/** One field of an operation's input, as plain data. */
export interface Flag {
  /** Name on the command line, without the dashes: `auto-approve`. */
  readonly name: string;
  /** Name of the field of the input: `autoApprove`. */
  readonly field: string;
  /** A letter that means the same. */
  readonly short?: string;
  readonly type: 'string' | 'boolean' | 'int' | 'choice' | 'list';
  /** Values of a choice. */
  readonly choices?: readonly string[];
  /** Bounds of an int, both included. */
  readonly min?: number;
  readonly max?: number;
  readonly default?: string | number | boolean;
  readonly description: string;
  /** Given without its name. */
  readonly positional?: true;
  readonly required?: true;
}

/** What is known of an operation without loading it. */
export interface CatalogueEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly example: string;
  readonly permission: string;
  readonly safe: boolean;
  readonly service?: true;
  readonly flags: readonly Flag[];
  load(): Promise<Operation>;
}
