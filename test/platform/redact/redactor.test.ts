import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../platform/redact/redactor.ts';
import { ENCODINGS } from './encodings.ts';

const VALUES = [
  'hunter2-and-more',
  '8 chars!',
  `it's "quoted" & <tagged> \`$(rm -rf /)\` \\ end`,
  'pass\nword\twith\r\nlines in it',
  'Pässwörd-漢字-🚀-secret',
  '{"type":"account","key":"a/b+c=="}',
  `${'0123456789abcdef'.repeat(8)}tail`,
  'nightly-token-starts-with-n',
];

/** A redactor that knows one value; other things are printed around it. */
function masked(value: string, text: string): string {
  const redactor = createRedactor();
  redactor.add('db/password', value);
  return redactor.text(text);
}

describe.each(VALUES)('%j', value => {
  it.each(Object.entries(ENCODINGS))('is not shown as %s', (_, encode) => {
    const encoded = encode(value);
    const shown = masked(value, `before ${encoded} after`);
    expect(shown).toContain('[secret db/password]');
    expect(shown).toMatch(/^before .{0,3}\[secret/s);
    expect(shown).toMatch(/ after$/);
    // No more of it stays than the characters of base64 that its neighbours decide as well, and its quotes.
    expect(shown.length).toBeLessThanOrEqual('before  after'.length + '[secret db/password]'.length + 10);
  });

  it('is not shown in pieces', () => {
    if (value.length < 24) return;
    expect(masked(value, `x${value.slice(0, 19).trim()}y`)).toBe('x[secret db/password]y');
    expect(masked(value, `x${value.slice(-19).trim()}y`)).toBe('x[secret db/password]y');
  });
});

describe('a redactor', () => {
  it('leaves everything else as it is', () => {
    const redactor = createRedactor();
    for (const value of VALUES) redactor.add('a', value);
    const text = JSON.stringify({ a: 'ordinary text\n', url: 'https://example.com/a?b=c', list: [1, 'two'] });
    expect(redactor.text(text)).toBe(text);
  });

  it('masks texts inside data, keys included', () => {
    const redactor = createRedactor();
    redactor.add('a/b', 'correct horse');
    expect(redactor.json({ 'correct horse': ['x correct horse', 1, null, true] })).toEqual({
      '[secret a/b]': ['x [secret a/b]', 1, null, true],
    });
  });

  it('refuses what is too short to be told apart', () => {
    expect(() => createRedactor().add('pin', '1234567')).toThrow(/fewer than 8/);
  });

  it('does not take the scheme of an address for something secret', () => {
    const redactor = createRedactor();
    redactor.add('url', 'postgres://app:s3cr3t-pa55@10.0.0.1/app');
    expect(redactor.text('postgres://10.0.0.1:5432')).toBe('postgres://10.0.0.1:5432');
    expect(redactor.text('postgres://app:s3cr3t-pa55@10.0.0.1/app')).toBe('postgres://[secret url]');
  });

  it('does not take the frame of a key for something secret', () => {
    const body = Buffer.from('the bytes of some key or other, long enough').toString('base64');
    const redactor = createRedactor();
    redactor.add('key', `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`);
    expect(redactor.text('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
    expect(redactor.text(body)).toBe('[secret key]');
  });

  it('shows nothing of any value, however it is written', () => {
    const long = string({ minLength: 12, maxLength: 60, unit: 'binary' }).filter(
      one => one.replace(/[\s\0]|\\+[nrt]/g, '').length >= 12,
    );
    assert(
      property(long, constantFrom(...Object.keys(ENCODINGS)), (value, name) => {
        const encoded = ENCODINGS[name]?.(value) ?? '';
        return masked(value, `<<${encoded}>>`).includes('[secret db/password]');
      }),
      { numRuns: 2_000 },
    );
  });
});
