/** Text or bytes by path: what is sent to a host. */
export type Folder = ReadonlyMap<string, string | Uint8Array>;

const BLOCK = 512;
const PATH_MOST = 99;

/** A tar archive (ustar) of files that root alone may read. Paths are ours: short, relative, plain. */
export function archiveOf(folder: Folder): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const [path, content] of folder) {
    if (path.length > PATH_MOST) throw new RangeError(`${path} is too long for an archive`);
    const bytes = typeof content === 'string' ? encoder.encode(content) : content;
    parts.push(headerOf(path, bytes.length), bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  parts.push(new Uint8Array(BLOCK * 2));
  return joined(parts);
}

function headerOf(path: string, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (text: string, at: number): void => void new TextEncoder().encodeInto(text, header.subarray(at));
  put(path, 0);
  put('0000600', 100);
  put('0000000', 108);
  put('0000000', 116);
  put(size.toString(8).padStart(11, '0'), 124);
  put('00000000000', 136);
  put('        ', 148);
  put('0', 156);
  put('ustar', 257);
  put('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0`, 148);
  return header;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Words as `xargs -0` reads them. */
export function wordList(words: readonly string[]): string {
  return words.map(word => `${word}\0`).join('');
}
