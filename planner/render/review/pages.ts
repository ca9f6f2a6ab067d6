import { LIMITS } from '../../../schemas/limits.ts';
import { type Fitting, type Piece, type Section, sectionText } from './room.ts';
import { counted } from './words.ts';

/** What a check run holds in its summary, and in its text: the host says characters and counts bytes. */
export const CHECK_BYTES = LIMITS.commentCharacters - 1;
/** Kept free on each page for its last line. */
const NOTICE = 200;

/** Length of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    // Each half of a surrogate pair counts two of the four bytes.
    if (unit >= 0x800 && !(unit >= 0xd800 && unit <= 0xdfff)) bytes += 2;
    else if (unit >= 0x80) bytes += 1;
  }
  return bytes;
}

interface Page {
  text: string;
  bytes: number;
}

/** A part of a section that goes onto one page. */
interface Run {
  readonly section: Section;
  readonly from: string;
  readonly indexes: number[];
  bytes: number;
}

/** The blocks that the comment left out, in pages; everything when it left out none (`shown` is null). */
export function pagesOf(pieces: readonly Piece[], shown: readonly Fitting[] | null): string[] {
  const pages: Page[] = [];
  let missing = 0;
  pieces.forEach((piece, at) => {
    piece.sections.forEach((section, number) => {
      const known = new Set(shown?.[at]?.form === 'fold' ? shown[at]?.taken[number] : []);
      const left = section.blocks.map((_, index) => index).filter(index => !known.has(index));
      missing += fill(pages, left, { section, title: titleOf(piece, section, shown !== null) });
    });
  });
  if (pages.length === 0) return [];
  const lost =
    missing === 0 ? '' : `\n**${counted(missing, 'block')} too long for a check: see \`provisioning plan\`.**\n`;
  return pages.map(({ text }, index) => {
    const where =
      pages.length === 1 ? '' : `\nPage ${index + 1} of ${pages.length}; \`provisioning plan\` shows everything.\n`;
    return `${text.trimStart()}${where}${index === pages.length - 1 ? lost : ''}`;
  });
}

function titleOf({ line }: Piece, { name }: Section, goesOn: boolean): string {
  const what = name[1].charAt(0).toUpperCase() + name[1].slice(1);
  return `\n#### ${line.replace(/^- /, '').trimEnd()}\n\n${what}${goesOn ? ' that the comment has no room for' : ''}:\n`;
}

/** Puts blocks onto the last page and onto new ones. Returns how many are too long for any. */
function fill(
  pages: Page[],
  left: readonly number[],
  { section, title }: { readonly section: Section; readonly title: string },
): number {
  const room = CHECK_BYTES - NOTICE;
  const frame = utf8Bytes(title) + utf8Bytes(section.before) + utf8Bytes(section.after) + 1;
  let run: Run = { section, from: title, indexes: [], bytes: frame };
  let missing = 0;
  for (const index of left) {
    const size = utf8Bytes(section.blocks[index] ?? '');
    if (frame + size > room) {
      missing += 1;
      continue;
    }
    const used = pages.at(-1)?.bytes ?? room;
    if (used + run.bytes + size > room) {
      put(pages, run);
      pages.push({ text: '', bytes: 0 });
      run = { ...run, indexes: [], bytes: frame };
    }
    run.indexes.push(index);
    run.bytes += size;
  }
  put(pages, run);
  return missing;
}

function put(pages: readonly Page[], { section, from, indexes, bytes }: Run): void {
  const page = pages.at(-1);
  if (page === undefined || indexes.length === 0) return;
  page.text += `${from}${sectionText(section, indexes)}`;
  page.bytes += bytes;
}
