import { code } from '../escape.ts';
import type { PlaceMarkdown } from '../pieces.ts';
import { placeText } from '../summary.ts';

/** Address of a line of a file of the repository at the commit that was planned. */
export type FileUrl = (file: string, line: number) => string;

/** Places as links; as plain names when nobody knows their addresses. Their paths begin at the top of the repository. */
export function placesIn(fileUrl: FileUrl | undefined): PlaceMarkdown {
  return at => {
    if (at === undefined) return '';
    const label = code(placeText(at));
    if (fileUrl === undefined) return label;
    const url = fileUrl(at.file, at.line);
    return `[${label}](${url.replace(/[\s()<>|\\"'`]/g, encoded)})`;
  };
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
