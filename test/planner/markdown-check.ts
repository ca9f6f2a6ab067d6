/** What is open at the end of a Markdown text, or was closed too early: empty for a text that nothing leaks out of. */
export function markdownFlaws(markdown: string): string[] {
  const flaws: string[] = [];
  let fence: string | null = null;
  let folds = 0;
  let columns = 0;
  markdown.split('\n').forEach((raw, index) => {
    const say = (what: string) => flaws.push(`line ${index + 1}: ${what}`);
    const line = raw.replace(/^> ?/, '');
    const run = /^(`{3,})([a-z]*)$/.exec(line);
    if (fence !== null) {
      if (run !== null && run[2] === '' && (run[1]?.length ?? 0) >= fence.length) fence = null;
      return;
    }
    if (run !== null) fence = run[1] ?? null;
    else if (/^`{3,}[^`]*$/.test(line)) say('a fence with a strange language');
    const text = withoutCode(line);
    folds += count(text, /<details(?: open)?>/g) - count(text, /<\/details>/g);
    if (folds < 0) say('a fold is closed that was never opened');
    const isRow = line.startsWith('|');
    const pipes = count(line, /(?<!\\)\|/g);
    if (isRow && columns > 0 && pipes !== columns) say(`a row of ${pipes - 1} cells in a table of ${columns - 1}`);
    if (isRow && !line.trimEnd().endsWith('|')) say('a torn row');
    columns = isRow ? (columns === 0 ? pipes : columns) : 0;
    const html = text.replace(
      /<!--(?: provisioning:[a-z]+ [a-z0-9@-]+)? -->|<\/?(?:details|summary|b)>|<details open>/g,
      '\u0001',
    );
    if (/<[a-z!/]/i.test(html)) say('HTML of somebody else');
    if (/(?:^|[^\\\w])@\w/.test(html.replace(/\]\([^)]*\)/g, ''))) say('somebody is called');
    if (/\p{Surrogate}/u.test(raw)) say('half a character');
  });
  if (fence !== null) flaws.push('a fence is open at the end');
  if (folds > 0) flaws.push(`${folds} folds are open at the end`);
  return flaws;
}

/** A line without what stands in code spans; the cells of a row are apart, because a span ends with its cell. */
function withoutCode(line: string): string {
  return line
    .split(/(?<!\\)\|/)
    .map(cell => cell.replace(/\\./g, '  ').replace(/(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g, ''))
    .join('|');
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
