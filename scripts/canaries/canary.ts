import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** A secret whose every appearance is a leak. */
export interface Canary {
  /** Name of its key in the file of secrets. */
  readonly key: string;
  /** The same with the round that it is of, because a key gets a new value in each. */
  readonly name: string;
  readonly value: string;
  /** The part that is secret: not the frame of a PEM block, nor the scheme of an address, which stand elsewhere too. */
  readonly core: string;
}

const word = (length: number): string => randomBytes(length).toString('base64').replace(/[+/=]/g, 'x').slice(0, length);

/** Every such key begins with as many characters that say what sort of key it is. */
const PEM_HEAD = 48;

function pem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

const whole = (value: string) => ({ value, core: value });

/** What people keep secret, and what breaks programs that quote: a shape is a value that is new each time. */
const SHAPES: readonly (() => Pick<Canary, 'value' | 'core'>)[] = [
  () => whole(word(8)),
  () => whole(`${word(5)}$'"\``),
  () => whole(word(400)),
  () => {
    const value = pem();
    return { value, core: value.split('\n').slice(1, -2).join('\n').slice(PEM_HEAD) };
  },
  () => whole(`{"${word(12)}":{"pass\\"word":["${word(16)}",1]},"end":"${word(14)}"}`),
  () => whole(`${word(6)}äöü→漢字🔑é${word(9)}`),
  () => whole(`'${word(9)}"; rm -rf \${HOME} $(id) \`id\` | cat > /x && echo \\${word(12)}!*?`),
  () => whole(`<b class="${word(9)}">&amp;'${word(9)}'</b><!--${word(8)}-->`),
  () => {
    const core = `user-${word(6)}:${word(18)}@db-1.example.com:5432/shop?a=${word(8)}`;
    return { value: `postgres://${core}`, core };
  },
  () => whole(`${word(10)}: - #${word(9)} | > %YAML & * !tag @at ${word(9)}`),
  () => whole(`first ${word(12)}\nsecond ${word(12)}\n\n\tthird ${word(12)}`),
  () => whole(`${word(9)}%41%20+%2F=${word(12)}%`),
  () => whole(`\\n\\t${word(9)}\\\\${word(9)}\\u0041\\x41\\${word(9)}\\`),
  () => whole(randomBytes(32).toString('base64')),
  () => whole(randomBytes(24).toString('hex')),
  () => whole(`@{${word(9)}} {{ ${word(9)} }} %s %d \${{ ${word(9)} }} ~~${word(9)}`),
];

/** `count` new canaries, their shapes in turn. */
export function canaries(count: number, round: number): readonly Canary[] {
  return Array.from({ length: count }, (_, at) => {
    const shape = SHAPES[at % SHAPES.length] as (typeof SHAPES)[number];
    return { key: `c${at}`, name: `c${at} of round ${round}`, ...shape() };
  });
}
