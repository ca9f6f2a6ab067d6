/** A file that is put into a host before it starts. */
export interface TarFile {
  /** Absolute, in the host. */
  readonly path: string;
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
}

const BLOCK = 512;

/** A tar archive (ustar) of small files that belong to root, for an upload in one request. The same files give the same bytes. */
export function tarOf(files: readonly TarFile[]): Uint8Array {
  const parts = files.flatMap(file => {
    const content = Buffer.from(file.text);
    return [header(file, content.length), content, Buffer.alloc(-content.length & (BLOCK - 1))];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header({ path, mode }: TarFile, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, '0'), at);
  };
  block.write(path.replace(/^\/+/, ''), 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  // The sum is taken as if its own field held spaces.
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
