import { Fault } from '../../../schemas/fault.ts';
import { lineColumn } from '../../../schemas/parse/node.ts';
import { type Leaf, splice } from '../../../schemas/sops/format.ts';
import { isCipher, type SealedFile } from '../../../schemas/sops/listing.ts';
import { versionsBinding } from '../../../schemas/sops/versions.ts';
import { isSelected, type Selection, selectionOf } from '../../../schemas/sops/selection.ts';
import { bindingOf, decrypt, macOf, type Opened } from './cipher.ts';

/** A value or comment of a file in plain text, with what it was encrypted as. */
export interface OpenLeaf {
  readonly leaf: Leaf;
  readonly opened: Opened;
  /** Null where it stood in plain text. */
  readonly cipher: string | null;
}

/** What the data key of a file opens. */
export interface OpenFile {
  readonly file: SealedFile;
  readonly selection: Selection;
  readonly leaves: readonly OpenLeaf[];
}

/**
 * Every value of a file with its data key. Throws Fault `integrity` when a value was changed, stands where it was not
 * encrypted for, or is not among those that the MAC was made of.
 */
export function openFile(file: SealedFile, key: Uint8Array): OpenFile {
  const { metadata, reading } = file;
  const selection = selectionOf(metadata);
  if (selection === null) {
    throw new Fault('invalid', {
      id: 'SEC-META',
      at: { file: file.file, line: 1, column: 1 },
      what: `${file.file} says in a way that is not read here which of its values are encrypted`,
      fix: 'use one of encrypted_regex, unencrypted_regex, encrypted_suffix, unencrypted_suffix',
    });
  }
  const leaves = reading.leaves.map(leaf => openLeaf(file, selection, { leaf, key }));
  const onlyEncrypted = metadata.mac_only_encrypted === true;
  const hashed = leaves
    .filter(({ leaf }) => leaf.kind === 'value' && (!onlyEncrypted || isSelected(selection, leaf.names)))
    .map(({ opened }) => opened.bytes);
  checkMac(file, key, macOf(hashed, onlyEncrypted));
  checkVersions(file, key);
  return { file, selection, leaves };
}

function openLeaf(
  file: SealedFile,
  selection: Selection,
  { leaf, key }: { readonly leaf: Leaf; readonly key: Uint8Array },
): OpenLeaf {
  const asItStands: OpenLeaf = { leaf, opened: { type: leaf.type, bytes: Buffer.from(leaf.text) }, cipher: null };
  if (leaf.kind === 'comment') {
    // A comment is in no MAC, and a file may mix encrypted and plain ones.
    const text = leaf.text.trim();
    const opened = isCipher(text) ? firstOpened(key, [leaf.names, ...(leaf.others ?? [])], text) : null;
    return opened === null ? asItStands : { leaf, opened, cipher: text };
  }
  if (!isSelected(selection, leaf.names)) return asItStands;
  const opened = decrypt(key, bindingOf(leaf.names), leaf.text);
  if (opened !== null) return { leaf, opened, cipher: leaf.text };
  const place = leaf.steps.join('.');
  throw tampered(file, leaf, {
    what: isCipher(leaf.text)
      ? `value at \`${place}\` was not encrypted for this place, or was changed after encryption`
      : `value at \`${place}\` stands in plain text among encrypted ones`,
  });
}

function firstOpened(key: Uint8Array, places: readonly (readonly string[])[], text: string): Opened | null {
  for (const names of places) {
    const opened = decrypt(key, bindingOf(names), text);
    if (opened !== null) return opened;
  }
  return null;
}

function checkMac(file: SealedFile, key: Uint8Array, wanted: string): void {
  const { mac, lastmodified } = file.metadata;
  if (mac === undefined || mac === '')
    throw tampered(file, null, { what: 'it has no MAC, so nobody can tell whether it was changed' });
  const opened = decrypt(key, lastmodified, mac);
  if (opened === null)
    throw tampered(file, null, { what: 'its MAC is damaged, or was made for another time or with another key' });
  if (opened.bytes.toString('utf8') !== wanted)
    throw tampered(file, null, {
      what: 'it was changed after encryption: values were removed, added, reordered or replaced',
    });
}

/** Whoever could say that another value is still the same could hide a change from a plan. */
function checkVersions(file: SealedFile, key: Uint8Array): void {
  const kept = file.metadata.provisioning;
  if (kept === undefined || decrypt(key, versionsBinding(kept.versions), kept.seal)?.type === 'versions') return;
  throw tampered(file, null, { what: 'what it says of the versions of its values was changed after encryption' });
}

function tampered(file: SealedFile, leaf: Leaf | null, { what }: { readonly what: string }): Fault {
  const document = { path: file.file, text: file.reading.text, root: null, flaws: [] };
  return new Fault('integrity', {
    id: 'SEC-INTEGRITY',
    at: { file: file.file, ...lineColumn(document, leaf?.start ?? 0) },
    what: `${file.file}: ${what}`,
    why: 'whoever can write to the repository can change it, and only who has the key can do so unseen',
    fix: 'look at the history of the file, and restore the last version that you trust',
  });
}

/** The whole file in plain text, comments and order as they are. */
export function plainText({ file, leaves }: OpenFile): string {
  const { format, reading } = file;
  const metaless = format.read(reading.body);
  const body = 'leaves' in metaless ? metaless : reading;
  const changes = body.leaves.flatMap((leaf, index) => {
    const open = leaves[index];
    if (open === undefined || open.cipher === null) return [];
    const { opened } = open;
    const value = { type: typeOf(opened.type), text: opened.bytes.toString('utf8') };
    const text = format.write(leaf, value) ?? body.text.slice(leaf.start, leaf.end);
    return [{ start: leaf.start, end: leaf.end, text }];
  });
  return splice(body.text, changes);
}

function typeOf(type: string): 'str' | 'int' | 'float' | 'bool' {
  return type === 'int' || type === 'float' || type === 'bool' ? type : 'str';
}
