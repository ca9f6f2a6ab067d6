/**
 * The second net before everything that leaves the process. The first is that no secret is handed to an output at all; this
 * one masks a value that got there all the same, in whichever of the usual encodings.
 */
export interface Redactor {
  /** From now on no output shows this value, nor 12 characters of its beginning or end. One that is too short for that is refused with a Fault `integrity`. */
  add(name: string, value: string): void;
  /** The text with `[secret <name>]` in place of every value that was added. */
  text(text: string): string;
  /** The same for every text inside a value, keys included. */
  json<T>(value: T): T;
}
