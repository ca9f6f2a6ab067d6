/**
 * The second net before everything that leaves the process. The first is that no secret is handed to an output at all; this
 * one masks a value that got there all the same, in whichever of the usual encodings.
 */
export interface Redactor {
  /** From now on no output shows this value, nor 12 characters of its beginning or end. Under 8 characters it is refused with a Fault `integrity`: it could not be told from ordinary text. */
  add(name: string, value: string): void;
  /** The text with `[secret <name>]` in place of every value that was added. */
  text(text: string): string;
  /** The same for every text inside a value, keys included. */
  json<T>(value: T): T;
}

/** Texts that arrive in pieces: what could be the beginning of a value waits for the next piece. */
export interface RedactedStream {
  write(piece: string): void;
  /** Lets go of what waited. */
  end(): void;
}
