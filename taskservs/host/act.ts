/** One thing that a run does on a host, in the words of the runner. */
export type HostAct = Doing & {
  /** For people: `install redis-server`. */
  readonly title: string;
  /** What is not as it shall be, in words; absent where it only follows from another act. */
  readonly because?: string;
  /** It holds a secret: neither what it reads nor what it says may be seen. */
  readonly isSecret?: true;
  /** Bookkeeping of ours that no reviewer needs to see. */
  readonly isOurs?: true;
};

type Doing =
  | {
      readonly do: 'run';
      readonly argv: readonly string[];
      /** What a reader is shown instead of the words of a script of ours. */
      readonly shown?: readonly string[];
      readonly stdin?: string;
      readonly as?: string;
      /** Longest time in seconds; 600 unless said. */
      readonly withinSeconds?: number;
      /** Run when it fails; then it is tried once more. */
      readonly mend?: readonly string[];
    }
  | {
      readonly do: 'verify';
      readonly argv: readonly string[];
      readonly stdin?: string;
      readonly as?: string;
      readonly expect?: string;
      readonly withinSeconds?: number;
    }
  | {
      readonly do: 'put';
      readonly path: string;
      readonly text: string;
      readonly mode: number;
      readonly owner: string;
      readonly group: string;
      /** Must end with 0 before the file is put in place. */
      readonly check?: readonly string[];
      /** Where what stood there before is kept. */
      readonly keep?: string;
      /** The text that stands there now, as far as it may be seen. */
      readonly before?: string;
    };
