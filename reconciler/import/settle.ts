import type { CapabilityOf } from '../../planner/input.ts';
import { describe, type Description } from '../../schemas/export/describe.ts';
import { type Existing, KIND_ORDER, type LeftOut, objectKey } from '../../schemas/export/existing.ts';
import { listedIn, listingMark, type WriteOptions, type Written, writeFiles } from '../../schemas/export/files.ts';
import { asFault, Fault } from '../../schemas/fault.ts';
import type { FieldRule } from '../../schemas/kind.ts';
import { KINDS } from '../../schemas/kinds/index.ts';
import { LIMITS } from '../../schemas/limits.ts';
import type { CloudKind, Name } from '../../schemas/name.ts';
import type { Loaded } from '../../schemas/workspace.ts';
import type { Ports } from '../ports.ts';
import { describedBy } from './described.ts';
import type { ImportPlace } from './place.ts';

/** Files for what was found: they load, and nothing that exists is among them. */
export interface Settled {
  readonly description: Description;
  /** Everything that is left out, whatever the reason. */
  readonly leftOut: readonly LeftOut[];
  /** New files by path; empty when nothing has to be added. */
  readonly files: { readonly [path: string]: string };
  /** The workspace as it is with the new files. */
  readonly loaded: Loaded;
}

export interface Findings {
  readonly found: readonly Existing[];
  readonly leftOut: readonly LeftOut[];
  readonly capability: CapabilityOf;
}

/** Each round leaves out everything that the loader refused in the one before. */
const ROUNDS = 20;

/**
 * Describes what was found in files that the loader takes. What it refuses (a subnet outside its network, for example,
 * which a cloud may allow) is left out with the loader's reason. Writes nothing yet.
 */
export async function settle(ports: Ports, place: ImportPlace, findings: Findings): Promise<Settled> {
  const { found, capability } = findings;
  const room = LIMITS.resources - place.workspace.resources.length;
  if (found.length > room) {
    const what = `${found.length} objects were found; a workspace has room for ${LIMITS.resources}`;
    throw new Fault('refused', { id: 'CLI-LIMIT', what, fix: 'import some kinds at a time into several workspaces' });
  }
  const described = describedBy(place);
  const rule = rulesBy(capability);
  const listed = listedOn(place);
  const options = writing(place, findings, { rule, listed });
  const refused = new Map<string, string>();
  for (let round = 1; ; round += 1) {
    const description = describe(found, { described, rule, refused });
    const written = writeFiles(unlisted(description, listed), options);
    const files = description.entries.length === 0 ? {} : { ...place.more, ...written.files };
    try {
      const loaded = await ports.load({ files: merged(place, files), prefix: '', env: null, drivers: ports.providers });
      return { description, leftOut: [...description.leftOut, ...findings.leftOut], files, loaded };
    } catch (error) {
      if (round === ROUNDS || !blame(asFault(error), written, refused)) throw error;
    }
  }
}

/** Puts the new files on disk. Throws Fault `refused` when one of them came to exist meanwhile, and then writes none. */
export function writeSettled(ports: Ports, place: ImportPlace, { files }: Settled): void {
  ports.folders.writeNew(place.directory, files);
}

/** The kind's rule of a field with what the provider changes about it. */
function rulesBy(capability: Findings['capability']) {
  return (provider: Name, kind: CloudKind, field: string): FieldRule | undefined => {
    const rule = KINDS[kind]?.fields[field];
    const change = capability(provider, kind)?.override?.fields?.[field];
    return rule === undefined || change === undefined ? rule : { ...rule, ...change };
  };
}

function writing(
  { files, workspace, providers }: ImportPlace,
  { leftOut }: Findings,
  { rule, listed }: { readonly rule: ReturnType<typeof rulesBy>; readonly listed: ReadonlySet<string> },
): WriteOptions {
  const paths = [...files.keys()].filter(isInfra);
  const isFirst = paths.every(path => path.endsWith('/.gitkeep'));
  return {
    occupied: new Set(paths),
    prefix: isFirst ? '' : 'imported-',
    showProvider: Object.keys(workspace.providers).length > 1,
    leftOut: leftOut.filter(each => !listed.has(listingMark(each))),
    heads: headsFor([...providers.values()], rule),
  };
}

function isInfra(path: string): boolean {
  return path.startsWith('infra/');
}

/** What comments of former imports list as left out. */
function listedOn({ files }: ImportPlace): ReadonlySet<string> {
  const decoder = new TextDecoder();
  const texts = [...files].filter(([path]) => isInfra(path)).map(([, bytes]) => decoder.decode(bytes));
  return new Set(texts.flatMap(listedIn));
}

function unlisted({ entries, leftOut }: Description, listed: ReadonlySet<string>): Description {
  return { entries, leftOut: leftOut.filter(each => !listed.has(listingMark(each))) };
}

/** What the files cannot say because no cloud returns it. */
function headsFor(
  providers: readonly Name[],
  rule: ReturnType<typeof rulesBy>,
): { readonly [kind in CloudKind]?: string[] } {
  const heads: { [kind in CloudKind]?: string[] } = {};
  for (const kind of KIND_ORDER) {
    const isHidden = (field: string): boolean =>
      providers.some(provider => rule(provider, kind, field)?.writeOnly === true);
    const hidden = Object.keys(KINDS[kind]?.fields ?? {}).filter(isHidden);
    if (hidden.length === 0) continue;
    heads[kind] = [
      `The cloud never returns ${hidden.join(', ')} of a ${kind}. Write it here before the adoption if a replacement shall`,
      'have it: written later, it asks for a new one.',
    ];
  }
  return heads;
}

function merged(place: ImportPlace, added: { readonly [path: string]: string }): ReadonlyMap<string, Uint8Array> {
  const files = new Map(place.files);
  const encoder = new TextEncoder();
  // Schemas for editors are no workspace files.
  for (const [path, text] of Object.entries(added))
    if (!path.startsWith('.provisioning/')) files.set(path, encoder.encode(text));
  return files;
}

/** Notes why the loader refused what we wrote. False when it refused something else. */
function blame(fault: Fault, written: Written, refused: Map<string, string>): boolean {
  let isNew = false;
  for (const { at, what } of fault.problems) {
    const key = at === undefined ? undefined : written.objectAt(at.file, at.line);
    if (key === undefined || refused.has(key)) continue;
    refused.set(key, what);
    isNew = true;
  }
  return isNew;
}

/** True for an object that the description has. */
export function isDescribed(description: Description): (key: string) => boolean {
  const keys = new Set(description.entries.map(entry => objectKey(entry.object)));
  return key => keys.has(key);
}
