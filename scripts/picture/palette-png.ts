import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Bytes of one pixel: 3, or 4 with transparency. */
  readonly depth: number;
  readonly bytes: Uint8Array;
}

/** A PNG with 8 bits a channel as one with at most 256 colours, which for a page of text is a fraction of the size. */
export function palettePng(png: Buffer): Buffer {
  const pixels = decoded(png);
  const { indexes, colours } = indexed(pixels);
  const { width, height } = pixels;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) rows.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const palette = Buffer.from(colours.flatMap(colour => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const parts = [chunk('IHDR', header), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 9 }))];
  return Buffer.concat([SIGNATURE, ...parts, chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, bytes: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), bytes]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(bytes.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** The most frequent colours stay exact; the others become the nearest of them. */
function indexed({ bytes, depth }: Pixels): { readonly indexes: Uint8Array; readonly colours: readonly number[] } {
  const counts = new Map<number, number>();
  const all = new Uint32Array(bytes.length / depth);
  all.forEach((_, at) => {
    const [r = 0, g = 0, b = 0] = bytes.subarray(at * depth, at * depth + 3);
    const colour = (r << 16) | (g << 8) | b;
    all[at] = colour;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  });
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([colour]) => colour);
  const colours = ranked.slice(0, COLOURS);
  const known = new Map(ranked.map(colour => [colour, nearest(colours, colour)]));
  return { indexes: Uint8Array.from(all, colour => known.get(colour) ?? 0), colours };
}

function nearest(colours: readonly number[], colour: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  colours.forEach((other, index) => {
    const far = [16, 8, 0].reduce((sum, shift) => sum + (((other >> shift) & 255) - ((colour >> shift) & 255)) ** 2, 0);
    if (far < least) [best, least] = [index, far];
  });
  return best;
}

function decoded(png: Buffer): Pixels {
  const [width, height, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25]];
  const depth = kind === 6 ? 4 : 3;
  if (png[24] !== 8 || (kind !== 2 && kind !== 6)) throw new Error('only true colours with 8 bits a channel are read');
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const bytes = unfiltered(inflateSync(Buffer.concat(parts)), { stride: width * depth, height, depth });
  return { width, height, depth, bytes };
}

/** Undoes what each row was predicted from: the pixel on the left, the one above, or both. */
function unfiltered(
  raw: Uint8Array,
  { stride, height, depth }: { readonly stride: number; readonly height: number; readonly depth: number },
): Uint8Array {
  const bytes = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < depth ? 0 : (bytes[at - depth] ?? 0);
      const up = y === 0 ? 0 : (bytes[at - stride] ?? 0);
      const corner = x < depth || y === 0 ? 0 : (bytes[at - stride - depth] ?? 0);
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      bytes[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return bytes;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
