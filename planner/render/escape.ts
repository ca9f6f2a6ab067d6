import { plainText } from '../show.ts';

/**
 * Text from outside as Markdown that shows it as it is: no formatting, no HTML, no link, and nobody is notified. A
 * comment between the letters breaks what Git hosts make links of.
 */
export function prose(text: string): string {
  return plainText(text)
    .replace(/[\\`*_[\]<|~&$]/g, character =>
      character === '<' ? '&lt;' : character === '&' ? '&amp;' : `\\${character}`,
    )
    .replace(/([@#])/g, '$1<!-- -->')
    .replaceAll('://', ':<!-- -->//')
    .replace(/\bwww\./gi, 'www<!-- -->.');
}

/** Text as a code span in a table cell or a sentence. */
export function code(text: string): string {
  const plain = plainText(text).replaceAll('|', '\\|');
  if (plain === '') return '';
  const ticks = '`'.repeat(longestRun(plain) + 1);
  const pad = plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${plain}${pad}${ticks}`;
}

/** Lines as a fenced block whose fence none of them can close. */
export function fenced(language: string, lines: readonly string[]): string {
  const longest = lines.reduce((most, line) => Math.max(most, longestRun(line)), 0);
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${lines.join('\n')}\n${fence}\n`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.matchAll(/`+/g)) longest = Math.max(longest, run[0].length);
  return longest;
}
