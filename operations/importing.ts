import { relative } from 'node:path';
import { z } from 'zod';
import type { ImportPlace } from '../reconciler/import/place.ts';
import type { Ports } from '../reconciler/ports.ts';
import type { Preview } from '../reconciler/import/preview.ts';
import { type Settled, writeSettled } from '../reconciler/import/settle.ts';
import { entryAddress } from '../schemas/export/files.ts';
import { Address, KindName, Name } from '../schemas/name.ts';
import { showText } from '../schemas/problem.ts';

/** Flags of both ways to import. */
export const IMPORT_FLAGS = {
  directory: z.string().default('.').describe('Folder of the workspace; it is made if need be.').meta({ short: 'C' }),
  name: Name.optional().describe('Name of the workspace, where none exists yet. Default: the name of the folder.'),
  dryRun: z.boolean().default(false).describe('Show the files instead of writing them.'),
};

/** What an import found and wrote. */
export const Imported = z.strictObject({
  directory: z.string(),
  workspace: Name,
  providers: z.array(Name),
  /** Null when no cloud was asked. */
  account: z.string().nullable(),
  imported: z.array(z.strictObject({ address: Address, id: z.string(), notes: z.array(z.string()) })),
  /** Objects that the workspace describes or records already. */
  known: z.int(),
  leftOut: z.array(z.strictObject({ kind: KindName, id: z.string(), name: z.string(), why: z.string() })),
  files: z.array(z.string()),
  /** The new files under infra/ and the workspace file, where they were only to be shown. */
  contents: z.record(z.string(), z.string()).nullable(),
  repository: z.enum(['made', 'found']).nullable(),
  /** The adoption plan in short; null when no cloud was asked. */
  plan: z
    .strictObject({
      adoptions: z.int(),
      differences: z.array(z.strictObject({ address: Address, fields: z.array(z.string()) })),
      findings: z.array(z.string()),
    })
    .nullable(),
});
export type Imported = z.infer<typeof Imported>;

/** Writes the files unless they are only to be shown, and says what was done. */
export function answerOf(
  ports: Ports,
  place: ImportPlace,
  done: {
    readonly settled: Settled;
    readonly dryRun: boolean;
    readonly account: string | null;
    readonly known: number;
    readonly preview: Preview | null;
  },
): z.input<typeof Imported> {
  const { settled, dryRun, preview } = done;
  const paths = Object.keys(settled.files);
  const isWriting = paths.length > 0 && !dryRun;
  if (isWriting) writeSettled(ports, place, settled);
  const shown = Object.entries(settled.files).filter(([path]) => !path.startsWith('.provisioning/'));
  return {
    directory: place.directory,
    workspace: place.workspace.name,
    providers: [...place.providers.values()],
    account: done.account,
    imported: settled.description.entries.map(entry => ({
      address: entryAddress(entry),
      id: entry.object.id,
      notes: [...entry.notes],
    })),
    known: done.known,
    leftOut: settled.leftOut.map(({ kind, id, name, why }) => ({ kind, id, name, why })),
    files: paths,
    contents: dryRun ? Object.fromEntries(shown) : null,
    repository: isWriting ? (ports.folders.ensureRepository(place.directory) ? 'made' : 'found') : null,
    plan:
      preview === null
        ? null
        : {
            adoptions: preview.adoptions,
            differences: preview.differences.map(({ address, fields }) => ({ address, fields: [...fields] })),
            findings: [...preview.findings],
          },
  };
}

/** How many lines of one sort are shown; the rest is counted, and stands in the answer as JSON. */
const SHOWN = 20;

export function importText(answer: Imported): string {
  const { imported, known, leftOut, files, contents } = answer;
  const at = answer.account === null ? '' : ` of the account ${showText(answer.account)}`;
  const lines = [
    imported.length === 0
      ? `Nothing to add: no object${at} is without a description that could have one.`
      : `${counted(imported.length, 'object')}${at} described in ${counted(files.filter(isInfra).length, 'file')}.`,
    ...(known === 0 ? [] : [`${counted(known, 'object')} the workspace ${answer.workspace} has already.`]),
    ...some('Written', contents === null ? files : []),
    ...some(
      'Look at',
      imported
        .filter(each => each.notes.length > 0)
        .map(({ address, notes }) => `${address}: ${notes.map(printable).join('; ')}`),
    ),
    ...some(
      'Left out',
      leftOut.map(({ kind, id, name, why }) => `${kind} ${showText(id)} (${showText(name)}): ${printable(why)}`),
    ),
    ...planLines(answer.plan),
    ...Object.entries(contents ?? {}).flatMap(([path, text]) => ['', `--- ${path}`, text.trimEnd()]),
    ...next(answer),
  ];
  return `${lines.join('\n')}\n`;
}

function isInfra(path: string): boolean {
  return path.startsWith('infra/');
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Text from a cloud on one line. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}

function some(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > SHOWN ? [`  ... and ${lines.length - SHOWN} more`] : [];
  return ['', `${title}:`, ...lines.slice(0, SHOWN).map(line => `  ${line}`), ...more];
}

function planLines(plan: Imported['plan']): string[] {
  if (plan === null || plan.adoptions === 0) return [];
  const { differences, findings } = plan;
  const exact = differences.length + findings.length === 0;
  return [
    '',
    `The plan will be: ${counted(plan.adoptions, 'adoption')}${exact ? ', and no change to any object.' : '.'}`,
    ...some(
      'It would change',
      differences.map(({ address, fields }) => `${address}: ${fields.join(', ')}`),
    ),
    ...some('It will warn', findings),
  ];
}

function next(answer: Imported): string[] {
  const { directory, files, contents, imported } = answer;
  const here = relative('.', directory);
  const flag = here === '' ? '' : ` -C ${here}`;
  if (imported.length === 0) return [];
  if (contents !== null) return ['', 'Nothing was written. Next: the same command without --dry-run'];
  const added = files.some(path => !isInfra(path)) ? '.' : 'infra';
  return [
    '',
    'Nothing was changed in the cloud. Next:',
    `  git${flag} add ${added} && git${flag} commit -m "Describe what exists"`,
    `  provisioning plan${flag}`,
    `  provisioning apply${flag}     # takes the objects over; they start protected`,
    ...(answer.account === null
      ? ['  terraform state rm ...        # afterwards, so that no object has two tools that change it']
      : []),
  ];
}
