/** A way to emphasise text. Without colour it returns the text as it is. */
export type Tone = (text: string) => string;

export interface Paint {
  readonly bold: Tone;
  readonly dim: Tone;
  readonly red: Tone;
  readonly green: Tone;
  readonly yellow: Tone;
  /** The tone of a sign: `+ ~ - ± → ✕`. */
  of(sign: string): Tone;
}

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** Emphasis for a terminal, or none. */
export function painter(colour: boolean): Paint {
  const tone = (name: keyof typeof CODES): Tone => {
    const [on, off] = CODES[name];
    return colour ? text => `\u001b[${on}m${text}\u001b[${off}m` : text => text;
  };
  const plain: Tone = text => text;
  const signs: { readonly [sign: string]: Tone } = {
    '+': tone('green'),
    '~': tone('yellow'),
    '-': tone('red'),
    '±': tone('magenta'),
    '→': tone('cyan'),
    '✕': tone('dim'),
  };
  return {
    bold: tone('bold'),
    dim: tone('dim'),
    red: tone('red'),
    green: tone('green'),
    yellow: tone('yellow'),
    of: sign => signs[sign] ?? plain,
  };
}
