import { Fault } from '../../../schemas/fault.ts';
import { entriesOf, readSealed, type SealedFile } from '../../../schemas/sops/listing.ts';
import { type Recipient, recipientText, wrappedKeys } from '../../../schemas/sops/metadata.ts';
import type { SecretPath } from '../../../schemas/secret.ts';
import type { SecretsFile } from '../../../schemas/sops/place.ts';
import { type CreationRule, ruleFor } from '../../../schemas/sops/rules.ts';
import { unwrapAny, wrapFor } from '../keys/services.ts';
import type { KeySurroundings } from '../keys/reach.ts';
import { openFile, type OpenFile, plainText } from '../sops/opening.ts';
import { newFileKey, sealText } from '../sops/sealing.ts';
import type { SecretsFolder } from './folder.ts';

/** What changing files needs of the surroundings. */
export interface VaultSurroundings extends KeySurroundings {
  /** Wall time in ms. */
  now(): number;
}

/** A file with its key, ready to be written anew. */
export interface Unlocked {
  readonly open: OpenFile;
  readonly key: Uint8Array;
}

/** Opens a file that shall be written again. Throws Fault `refused` when it is also for recipients that would be lost. */
export async function unlock(file: SealedFile, surroundings: VaultSurroundings): Promise<Unlocked> {
  const { pgp, gcp_kms, azure_kv } = file.metadata;
  if ([pgp, gcp_kms, azure_kv].some(list => (list?.length ?? 0) > 0))
    throw new Fault('refused', {
      id: 'SEC-RECIPIENT',
      what: `${file.file} is also encrypted for keys of PGP, Google or Azure`,
      why: 'they are not written here, and would lose it',
      fix: 'change this file with sops, or take them out there first',
    });
  const key = await unwrapAny(file.file, wrappedKeys(file.metadata), surroundings);
  return { open: openFile(file, key), key };
}

/** What a file holds, as it was given: its text, or the bytes of a binary secret. */
export function plainOf({ open }: Unlocked): Uint8Array {
  return open.file.isBinary ? (open.leaves[0]?.opened.bytes ?? Buffer.alloc(0)) : Buffer.from(plainText(open));
}

/** The same key and recipients with other contents. */
export function resealed({ open, key }: Unlocked, plain: Uint8Array, surroundings: VaultSurroundings): Uint8Array {
  const { file, selection } = open;
  const macOnlyEncrypted = file.metadata.mac_only_encrypted === true;
  const keys = wrappedKeys(file.metadata);
  const before = { open, isKeySame: true };
  return sealText(plain, { file, key, keys, selection, macOnlyEncrypted, now: surroundings.now(), before });
}

/** The same contents with a new key, for the recipients of the rules or, without rules, for the same as before. */
export async function rotated(unlocked: Unlocked, surroundings: VaultSurroundings): Promise<Uint8Array> {
  const { open } = unlocked;
  const { file, selection } = open;
  const recipients = file.rule?.recipients ?? wrappedKeys(file.metadata).map(one => one.recipient);
  return sealedAnew(
    plainOf(unlocked),
    { file, rule: { recipients, selection: file.rule?.selection ?? selection, macOnlyEncrypted: false }, open },
    surroundings,
  );
}

/** The same contents and, unless somebody loses access, the same key, for the recipients of the rules. */
export async function rewrapped(unlocked: Unlocked, surroundings: VaultSurroundings): Promise<Uint8Array> {
  const { open, key } = unlocked;
  const { file, selection } = open;
  const before = wrappedKeys(file.metadata);
  const wanted = file.rule?.recipients ?? before.map(one => one.recipient);
  const names = new Set(wanted.map(recipientText));
  if (before.some(one => !names.has(recipientText(one.recipient)))) return rotated(unlocked, surroundings);
  const kept = new Map(before.map(one => [recipientText(one.recipient), one]));
  const added = await wrapFor(
    key,
    wanted.filter(one => !kept.has(recipientText(one))),
    surroundings,
  );
  const macOnlyEncrypted = file.metadata.mac_only_encrypted === true;
  return sealText(plainOf(unlocked), {
    file,
    key,
    keys: [...kept.values(), ...added],
    selection,
    macOnlyEncrypted,
    now: surroundings.now(),
    before: { open, isKeySame: true },
  });
}

/** A file that is not there yet, or gets a new key; `open` is what it was. */
export async function sealedAnew(
  plain: Uint8Array,
  { file, rule, open }: { readonly file: SecretsFile; readonly rule: CreationRule; readonly open?: OpenFile },
  surroundings: VaultSurroundings,
): Promise<Uint8Array> {
  const key = newFileKey();
  const keys = await wrapFor(key, rule.recipients, surroundings);
  const { selection, macOnlyEncrypted } = rule;
  const before = open === undefined ? {} : { before: { open, isKeySame: false } };
  return sealText(plain, { file, key, keys, selection, macOnlyEncrypted, now: surroundings.now(), ...before });
}

/** For whom a new file is. Throws Fault `usage` when no rule says it. */
export function ruleOf(rules: Uint8Array | undefined, file: string): CreationRule {
  const rule = rules === undefined ? null : ruleFor(rules, file);
  if (rule !== null && 'what' in rule) throw new Fault('invalid', rule);
  if (rule !== null) return rule;
  throw new Fault('usage', {
    id: 'SEC-RULES',
    what: `nothing says for whom ${file} is encrypted`,
    fix: 'provisioning secret keygen, then provisioning secret recipients --add <what it shows>',
  });
}

/** Secrets whose version is another one in the new bytes of a file. */
export function changedPaths(path: string, bytes: Uint8Array, folder: SecretsFolder): readonly SecretPath[] {
  const versions = (file: SealedFile | undefined): ReadonlyMap<SecretPath, string> =>
    new Map((file === undefined ? [] : entriesOf(file)).map(entry => [entry.path, entry.version]));
  const read = readSealed(path, bytes, undefined);
  const [old, now] = [versions(folder.sealed.get(path)), versions('reading' in read ? read : undefined)];
  return [...new Set([...old.keys(), ...now.keys()])].filter(one => old.get(one) !== now.get(one)).toSorted();
}

/** The recipients that lines name. Throws Fault `usage` for a line that names none. */
export function recipientsOf(
  lines: readonly string[],
  parse: (line: string) => Recipient | null,
): readonly Recipient[] {
  return lines.map(line => {
    const recipient = parse(line);
    if (recipient !== null) return recipient;
    throw new Fault('usage', {
      id: 'SEC-RECIPIENT',
      what: `${line.slice(0, 80)} names no recipient`,
      fix: 'age1..., arn:aws:kms:..., https://vault:8200/v1/transit/keys/name, local:<id>, or cosmian+https://host/key',
    });
  });
}
