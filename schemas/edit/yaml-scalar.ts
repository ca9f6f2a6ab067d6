import { Document } from 'yaml';
import type { Json } from '../json.ts';
import type { FlowWriter } from './flow.ts';

/** How a file writes its YAML: what new text should look like. */
export interface YamlStyle {
  /** Columns that a map is indented by. */
  readonly step: number;
  /** Whether the dashes of a list stand to the right of its key. */
  readonly indentSeq: boolean;
  readonly singleQuote: boolean;
}

/** The style that a file mostly has. */
export function styleOf(text: string): YamlStyle {
  const step =
    /^(?:[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n)(?:[ \t]*(?:#[^\n]*)?\n)*( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2;
  const lists = [...text.matchAll(/^( *)[^\s#-][^\n]*:[ \t]*\n( *)- /gm)];
  const single = text.split("'").length;
  return {
    step: Math.min(step, 8),
    indentSeq: !(lists.length > 0 && lists.every(([, key = '', dash = '']) => key.length === dash.length)),
    singleQuote: single > text.split('"').length,
  };
}

/** A value as block YAML, without the last line feed; lines after the first are indented by `indent` columns. */
export function blockText(value: Json, { step, indentSeq, singleQuote }: YamlStyle, indent: number): string {
  const document = new Document(value, { schema: 'core', version: '1.2', aliasDuplicateObjects: false });
  const text = document.toString({ indent: step, indentSeq, singleQuote, lineWidth: 0 }).replace(/\n$/, '');
  return text.replaceAll(/\n(?!\n|$)/g, `\n${' '.repeat(indent)}`);
}

/** A value on one line. */
export function lineText(value: Json, { singleQuote }: YamlStyle): string {
  if (typeof value === 'string' && value.includes('\n')) return JSON.stringify(value);
  const document = new Document(undefined, { schema: 'core', version: '1.2', aliasDuplicateObjects: false });
  document.contents = document.createNode(value, { flow: true }) as typeof document.contents;
  const text = document.toString({ singleQuote, lineWidth: 0 }).replace(/\n$/, '');
  return text.includes('\n') ? JSON.stringify(value) : text;
}

/** Writes inside braces and brackets, where more characters need quotes: reading again finds out. */
export function flowWriter(style: YamlStyle): FlowWriter {
  const inside = (value: Json): string => lineText([value], style).replace(/^\[ ?/, '').replace(/ ?\]$/, '');
  return {
    replacements(value, old) {
      // A key without a value has its colon still to come, or a space behind it.
      if (old === '') return [inside(value), ` ${inside(value)}`, `: ${inside(value)}`];
      return [...scalarTexts(value, old, inside(value)), JSON.stringify(value)];
    },
    entry: ([key = ''], value) => `${inside(key)}: ${inside(value)}`,
    item: inside,
  };
}

/** A scalar in the quotes of the old text where it can be, then as `plain`. */
export function scalarTexts(value: Json, old: string, plain: string): string[] {
  if (typeof value !== 'string') return [plain];
  if (old.startsWith('"')) return [JSON.stringify(value), plain];
  if (old.startsWith("'") && !value.includes('\n')) return [`'${value.replaceAll("'", "''")}'`, plain];
  return [plain];
}

/** A text in the block style of the old one, its header and indentation kept; undefined where that style cannot hold it. */
export function blockScalar(value: string, old: string): string | undefined {
  const [, style = '', given = '', rest = '', body = ''] = /^([|>])([-+0-9]*)([^\n]*)\n([^]*)$/.exec(old) ?? [];
  const indent = /^( *)\S/m.exec(body)?.[1];
  const content = value.replace(/\n+$/, '');
  if (style === '' || indent === undefined || content === '' || /^\s/.test(content)) return undefined;
  if (style === '>' && /\n[ \t]/.test(content)) return undefined;
  const ends = value.length - content.length;
  const chomp = ends === 0 ? '-' : ends === 1 ? '' : '+';
  const isKept = given.includes('+') && ends === 1;
  const header = style + given.replace(/[-+]/, '') + (isKept ? '+' : chomp) + rest;
  const broken = style === '>' ? content.replaceAll(/\n+/g, run => `${run}\n`) : content;
  const lines = broken.split('\n').map(line => (line === '' ? '' : indent + line));
  return `${header}\n${lines.join('\n')}${'\n'.repeat(Math.max(1, ends))}`;
}
