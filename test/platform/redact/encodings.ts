/** The encodings in which a secret is looked for, written here a second time so that the redactor is not judged by itself. */
export const ENCODINGS: { readonly [name: string]: (value: string) => string } = {
  raw: value => value,
  base64: value => Buffer.from(value).toString('base64'),
  'base64 after one byte': value => Buffer.from(`x${value}`).toString('base64'),
  'base64 after two bytes': value => Buffer.from(`xy${value}yz`).toString('base64'),
  base64url: value => Buffer.from(value).toString('base64url'),
  'base64 in lines': value =>
    (
      Buffer.from(value)
        .toString('base64')
        .match(/.{1,16}/g) ?? []
    ).join('\n'),
  hex: value => Buffer.from(value).toString('hex'),
  HEX: value => Buffer.from(value).toString('hex').toUpperCase(),
  percent: value => encodeURIComponent(Buffer.from(value).toString()),
  'every byte percent': value => Buffer.from(value).toString('hex').replace(/../g, '%$&'),
  json: value => JSON.stringify(value),
  yaml: value => `'${value.replace(/'/g, "''")}'`,
  shell: value => `'${value.replace(/'/g, "'\\''")}'`,
  html: value =>
    value
      .replace(/[&<>"']/g, letter => `&#${letter.charCodeAt(0)};`)
      .replace(/&#38;/g, '&amp;')
      .replace(/&#60;/g, '&lt;')
      .replace(/&#62;/g, '&gt;')
      .replace(/&#34;/g, '&quot;'),
  'UTF-16': value => Buffer.from(value, 'utf16le').toString('latin1'),
  'base64 of UTF-16': value => Buffer.from(value, 'utf16le').toString('base64'),
};
