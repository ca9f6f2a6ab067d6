import { code } from '../escape.ts';
import type { PlaceMarkdown } from '../pieces.ts';
import { placeText } from '../summary.ts';

/** Address of a line of a file of the repository at the commit that was planned. */
export type FileUrl = (file: string, line: number) => string;

/** Path in the repository of a file in a workspace folder. */
export function repositoryPath(folder: string, file: string): string {
  return folder === '' || folder === '.' ? file : `${folder.replace(/\/$/, '')}/${file}`;
}

/** Places in the files of one workspace folder as links; as plain names when nobody knows their addresses. */
export function placesIn(folder: string, fileUrl: FileUrl | undefined): PlaceMarkdown {
  return at => {
    if (at === undefined) return '';
    const label = code(placeText(at));
    if (fileUrl === undefined) return label;
    const url = fileUrl(repositoryPath(folder, at.file), at.line);
    return `[${label}](${url.replace(/[\s()<>|\\"'`]/g, encoded)})`;
  };
}

function encoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
