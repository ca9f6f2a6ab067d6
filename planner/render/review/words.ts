import type { Plan } from '../../../schemas/plan.ts';
import { code, prose } from '../escape.ts';
import { grouped } from '../summary.ts';

/** `1 step`, `4,000 steps`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `3 to delete, 1 to create`: the dangerous first, and only what is not zero. */
export function changesText(counts: Plan['counts']): string {
  return (['delete', 'replace', 'update', 'adopt', 'create', 'forget'] as const)
    .filter(name => counts[name] > 0)
    .map(name => `${grouped(counts[name])} to ${name}`)
    .join(', ');
}

/** `3 min 20 s`: the two largest parts, because nobody reads the third. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** Names as code, the first few of them, and how many there are more. */
export function namesText(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).map(code).join(', ');
  return names.length > most ? `${shown} and ${grouped(names.length - most)} more` : shown;
}

/** The first few texts as items of a list, and how many there are more. */
export function items(texts: readonly string[], most: number): string[] {
  const shown = texts.slice(0, most).map(text => `- ${text}`);
  return texts.length > most ? [...shown, `- and ${grouped(texts.length - most)} more`] : shown;
}

/** Text for the summary line of a fold, where Markdown counts for nothing: HTML that shows it as it is. */
export function html(text: string): string {
  return prose(text).replace(/\\([\\`*_[\]|~$])/g, '$1');
}

/** A box that stands out on the Git host, with its kind written above it. Kinds of GitHub. */
export function alert(kind: 'NOTE' | 'WARNING' | 'CAUTION', lines: readonly string[]): string {
  return `> [!${kind}]\n${lines.map(line => (line === '' ? '>' : `> ${line}`)).join('\n')}\n`;
}
