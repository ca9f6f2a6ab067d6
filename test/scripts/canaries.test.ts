import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Canary, canaries } from '../../scripts/canaries/canary.ts';
import { scanner } from '../../scripts/canaries/needles.ts';
import { ENCODINGS } from '../platform/redact/encodings.ts';

const ALL = canaries(64, 1);
const scan = scanner(ALL);

/** Names of canaries that are not found where they were leaked in this encoding, between other bytes. */
function missed(encode: (value: string) => string, part: (canary: Canary) => string): readonly string[] {
  return ALL.filter(canary => !scan(Buffer.from(`before ${encode(part(canary))} after`)).has(canary.name)).map(
    ({ name }) => name,
  );
}

describe('a look for canaries', () => {
  it.each(Object.entries(ENCODINGS))('finds each of 64 in %s', (_name, encode) => {
    expect(missed(encode, ({ value }) => value)).toEqual([]);
  });

  it('finds what was cut after twelve characters, or starts twelve before its end', () => {
    const long = ({ core }: Canary): boolean => [...core].length >= 24;
    const pieces = [
      ({ core }: Canary) => [...core].slice(0, 12).join(''),
      ({ core }: Canary) => [...core].slice(-12).join(''),
    ];
    const short = new Set(ALL.filter(one => !long(one)).map(({ name }) => name));
    for (const piece of pieces) expect(missed(text => text, piece).filter(name => !short.has(name))).toEqual([]);
  });

  it('finds nothing where there is nothing', () => {
    const other = canaries(64, 1).map(({ value }) => value);
    const noise = randomBytes(1 << 20);
    expect([
      ...scan(Buffer.concat([Buffer.from(other.join('\n')), noise, Buffer.from(noise.toString('base64'))])),
    ]).toEqual([]);
  });
});
