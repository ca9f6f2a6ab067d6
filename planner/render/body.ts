import type { Json } from '../../schemas/json.ts';
import type { Change, FieldChange, HostStep } from '../../schemas/plan.ts';
import { eachSecret } from '../../schemas/resource.ts';
import { digestOf } from '../digest.ts';
import { rulesOf } from '../rules.ts';
import { isHidden, plainText, showValue } from '../show.ts';
import { type Delta, deltasOf, readingOrder } from './delta.ts';
import type { Line } from './summary.ts';
import { type TextLine, textLines } from './text-lines.ts';

/** One row under a change: what it says of one field, or of the object. */
export interface Row {
  readonly sign: '+' | '-' | '~' | ' ';
  readonly name: string;
  readonly text: string;
  /** What the difference does to the object, where that is more than changing it while it runs. */
  readonly effect: string;
  /** A text of several lines taken apart, for whoever has room for it. */
  readonly lines?: readonly TextLine[];
}

/** Everything to say of one change, one row each. Values are cut at `limit` characters. */
export function rowsOf(line: Line, limit: number): Row[] {
  const { change, word } = line;
  const rows = facts(line);
  if (word === 'create' || word === 'adopt') rows.push(...specRows(change, limit));
  if (word !== 'create') for (const field of change.fields) rows.push(...fieldRows(field, word === 'replace', limit));
  rows.push(...(change.steps ?? []).map(step => stepRow(step, limit)));
  return rows;
}

/** What is done on a server: its title, the command behind it, and the text of a file line by line. */
function stepRow({ title, command, file }: HostStep, limit: number): Row {
  const words = command === undefined ? '' : `: ${command.map(word => plainText(word)).join(' ')}`;
  const text = `${plainText(title)}${words}`;
  const lines = file === undefined ? null : textLines(file.before ?? undefined, file.after ?? undefined);
  const shown = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return { sign: ' ', name: 'on the server', text: shown, effect: '', ...(lines === null ? {} : { lines }) };
}

function facts({ change, old, word }: Line): Row[] {
  const rows: Row[] = [];
  const say = (name: string, text: string) => rows.push({ sign: ' ', name, text, effect: '' });
  if (change.movedFrom !== undefined) say('was', plainText(change.movedFrom));
  if (old !== undefined) {
    const first = change.needs.includes(old.key)
      ? 'the old one goes before the new one comes'
      : 'the new one comes before the old one goes';
    say('order', first);
  }
  const id = old?.id ?? change.id;
  if (id !== undefined && (word === 'replace' || word === 'adopt')) say('id', plainText(id));
  if (change.wasProtected !== undefined) {
    const [before, after] = [change.wasProtected, change.protect === true].map(on => (on ? 'on' : 'off'));
    rows.push({ sign: '~', name: 'protect', text: `${before} -> ${after}`, effect: '' });
  }
  if (word === 'update' && change.inverse.loses.length > 0) say('no way back to', change.inverse.loses.join(', '));
  return rows;
}

/** The spec of a new object. Write-only values stand in it for the applier; people do not get to see them. */
function specRows(change: Change, limit: number): Row[] {
  const spec = change.after ?? {};
  const rules = rulesOf(change.kind, undefined);
  const differing = new Set(change.action === 'adopt' ? change.fields.map(field => field.path) : []);
  return readingOrder(Object.keys(spec).filter(field => !differing.has(field))).map(field => ({
    sign: change.action === 'adopt' ? ' ' : '+',
    name: plainText(field),
    effect: '',
    ...(rules?.field(field).writeOnly === true
      ? { text: '(hidden)' }
      : { text: showValue(spec[field], limit), ...linesPart(undefined, spec[field]) }),
  }));
}

function fieldRows(field: FieldChange, replacing: boolean, limit: number): Row[] {
  const effect = effectText(field, replacing);
  return deltasOf(field).map((delta, index) => ({
    sign: delta.sign,
    name: plainText(delta.path),
    text: deltaText(delta, limit),
    effect: index === 0 ? effect : '',
    ...linesPart(delta.before, delta.after),
  }));
}

function linesPart(before: Json | undefined, after: Json | undefined): { readonly lines?: readonly TextLine[] } {
  const lines = textLines(before, after);
  return lines === null ? {} : { lines };
}

function effectText(field: FieldChange, replacing: boolean): string {
  const parts = [
    ...(field.effect === 'restart' && !replacing ? ['restarts'] : []),
    ...(field.effect === 'replace' ? ['forces a new one'] : []),
    ...(field.drift === true ? ['changed outside'] : []),
  ];
  return parts.join(', ');
}

function deltaText({ sign, before, after }: Delta, limit: number): string {
  if (isHidden(before) || isHidden(after)) return '(changed)';
  if (sign === '+') return showValue(after, limit);
  if (sign === '-') return showValue(before, limit);
  if (isSameSecret(before, after)) return `${showValue(after, limit - 20)} (secret changed)`;
  const half = Math.max(20, Math.floor(limit / 2) - 2);
  const [a, b] = [showValue(before, half), showValue(after, half)];
  return a === b
    ? `${a} -> ${a} (differs further on, ${fingerprint(before)} -> ${fingerprint(after)})`
    : `${a} -> ${b}`;
}

/** The same use of a secret whose value was written anew. */
function isSameSecret(before: Json | undefined, after: Json | undefined): boolean {
  const uses: string[][] = [before, after].map(value => {
    const paths: string[] = [];
    eachSecret(value ?? null, ({ $secret }) => paths.push($secret));
    return paths;
  });
  return uses[0]?.length !== 0 && showValue(before, Infinity) === showValue(after, Infinity);
}

/** Tells apart two long values of which the same beginning is shown. */
function fingerprint(value: Json | undefined): string {
  return digestOf(value ?? null).slice(0, 8);
}
