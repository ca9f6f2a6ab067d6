/**
 * Spellings in which a value may turn up: as it is, as programs quote it, and as bytes are written down. Breaks of lines do
 * not matter here, because the redactor looks past white space (`squeezed`).
 */
export function formsOf(value: string): readonly string[] {
  const spellings = cores(value).flatMap(core => [...quoted(core), ...written(core)]);
  return [...new Set(GAPS.flatMap(gap => spellings.map(form => squeezed(form, gap).text)))];
}

/** White space and the zero bytes of UTF-16; and the same with white space as it is escaped in strings. */
// oxlint-disable-next-line no-control-regex -- the zero byte is what is looked for
export const GAPS: readonly RegExp[] = [/[\s\0]+/g, /(?:[\s\0]|\\+[nrt])+/g];

/** A text without its white space, and where each character stood. */
export function squeezed(text: string, gaps: RegExp): { readonly text: string; readonly places: Int32Array } {
  const places = new Int32Array(text.length);
  let kept = '';
  let count = 0;
  let from = 0;
  for (const gap of text.matchAll(gaps)) {
    kept += text.slice(from, gap.index);
    for (let at = from; at < gap.index; at += 1) places[count++] = at;
    from = gap.index + gap[0].length;
  }
  for (let at = from; at < text.length; at += 1) places[count++] = at;
  return { text: kept + text.slice(from), places: places.subarray(0, count) };
}

/** What of a value is secret: not the scheme of an address, and not the frame of a PEM block, which stand in other texts too. */
function cores(value: string): readonly string[] {
  const pem = [...value.matchAll(/-----BEGIN [^-]+-----([\s\S]*?)-----END [^-]+-----/g)].map(match => match[1] ?? '');
  if (pem.length > 0) return pem;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//.exec(value)?.[0] ?? '';
  return [value.slice(scheme.length)];
}

function quoted(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const percent = percented(value);
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    json.replace(/\//g, '\\/'),
    json.replace(/[\u0080-\uffff<>&']/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    value.replace(/'/g, "''"),
    value.replace(/'/g, "'\\''"),
    value.replace(/'/g, `'"'"'`),
    value.replace(/["$`\\!]/g, '\\$&'),
    value.replace(/[^\w@%+=:,./-]/g, '\\$&'),
    html(value, { "'": '&#39;', '"': '&quot;' }),
    html(value, { "'": '&#x27;', '"': '&#34;' }),
    html(value, {}),
    percent,
    percent.replace(/%../g, escape => escape.toLowerCase()),
    percent.replace(/%20/g, '+'),
    encodeURIComponent(wellFormed(value)),
    encodeURI(wellFormed(value)),
  ];
}

function percented(value: string): string {
  return encodeURIComponent(wellFormed(value)).replace(
    /[!'()*]/g,
    letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Half a character has no bytes of its own, and is written as the replacement character. */
function wellFormed(value: string): string {
  return Buffer.from(value).toString();
}

function html(value: string, quotes: { readonly [letter: string]: string }): string {
  const names: { readonly [letter: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', ...quotes };
  return value.replace(/[&<>'"]/g, letter => names[letter] ?? letter);
}

/** The bytes of a value, in UTF-8 and UTF-16, as hexadecimal and base64 spell them. */
function written(value: string): readonly string[] {
  const little = Buffer.from(value, 'utf16le');
  const big = Buffer.from(little).swap16();
  return [Buffer.from(value), little, big].flatMap(bytes => {
    const hex = bytes.toString('hex');
    const base64 = [0, 1, 2].map(shift => base64At(bytes, shift));
    return [
      bytes.toString('latin1'),
      hex,
      hex.toUpperCase(),
      hex.replace(/../g, '%$&'),
      hex.toUpperCase().replace(/../g, '%$&'),
      hex.replace(/../g, '\\x$&'),
      hex.replace(/..(?!$)/g, '$&:'),
      ...base64,
      ...base64.map(text => text.replace(/\+/g, '-').replace(/\//g, '_')),
    ];
  });
}

/** Base64 of bytes that `shift` others stand before, without the characters that those and what follows decide too. */
function base64At(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const isWhole = (bytes.length + shift) % 3 === 0;
  return text.slice([0, 2, 3][shift], isWhole ? text.length : -1);
}
