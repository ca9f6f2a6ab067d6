import { randomBytes } from 'node:crypto';
import { Fault } from '../../../schemas/fault.ts';
import { isFlaw, type Leaf, type Scalar, splice } from '../../../schemas/sops/format.ts';
import { recipientLists, type WrappedKey } from '../../../schemas/sops/metadata.ts';
import type { SecretsFile } from '../../../schemas/sops/place.ts';
import { isSelected, type Selection } from '../../../schemas/sops/selection.ts';
import { bindingOf, encrypt, macOf } from './cipher.ts';
import { type KeptVersions, versionOf, versionsBinding } from '../../../schemas/sops/versions.ts';
import type { OpenFile } from './opening.ts';

/** The version of SOPS whose files ours are like. */
const VERSION = '3.9.4';

/** A new data key: one for each file. */
export function newFileKey(): Uint8Array {
  return randomBytes(32);
}

/** How a file is encrypted. */
export interface Sealing {
  readonly file: SecretsFile;
  readonly key: Uint8Array;
  readonly keys: readonly WrappedKey[];
  readonly selection: Selection;
  readonly macOnlyEncrypted: boolean;
  /** Wall time in ms. */
  readonly now: number;
  /** What the file was: a value that is the same keeps its version, and under the same data key its ciphertext, so that a change shows only what changed. */
  readonly before?: { readonly open: OpenFile; readonly isKeySame: boolean };
}

/** A file of secrets from its plain text, or from the bytes of a binary secret. Throws Fault `invalid` when the text is not in the format. */
export function sealText(plain: Uint8Array, sealing: Sealing): Uint8Array {
  const { file, key, selection, macOnlyEncrypted, before } = sealing;
  const old = earlier(before?.open);
  const versions = new Map<string, string>();
  const seal = (
    names: readonly string[],
    steps: readonly string[],
    value: { type: string; bytes: Uint8Array },
  ): string => {
    const former = old.get(slotOf(steps, value));
    const cipher = before?.isKeySame === true && former !== undefined ? former : encrypt(key, bindingOf(names), value);
    if (former !== undefined && value.type !== 'comment') keepVersion(versions, cipher, { former, before });
    return cipher;
  };
  if (file.isBinary) {
    const value = { type: 'str', bytes: plain };
    const body = `{\n\t"data": ${JSON.stringify(seal(['data'], ['data'], value))}\n}\n`;
    return finish(sealing, { body, hashed: [plain], versions });
  }
  const text = new TextDecoder('utf-8', { fatal: true }).decode(plain);
  const reading = file.format.read(text);
  if (isFlaw(reading) || reading.metadata !== null)
    throw new Fault('invalid', {
      id: 'SEC-FORMAT',
      what: `${file.file}: ${isFlaw(reading) ? reading.what : 'sops is a name that the format keeps for itself'}`,
    });
  const hashed: Uint8Array[] = [];
  const changes = reading.leaves.map(leaf => {
    const selected = isSelected(selection, leaf.names);
    const value = asWritten(leaf, selected);
    const bytes = Buffer.from(value.text);
    if (leaf.kind === 'value' && (selected || !macOnlyEncrypted)) hashed.push(bytes);
    if (!selected) return { start: leaf.start, end: leaf.end, text: text.slice(leaf.start, leaf.end) };
    const type = leaf.kind === 'comment' ? 'comment' : value.type;
    const cipher: Scalar = { type: 'str', text: seal(leaf.names, leaf.steps, { type, bytes }) };
    return { start: leaf.start, end: leaf.end, text: file.format.write(leaf, cipher) ?? '' };
  });
  return finish(sealing, { body: splice(text, changes), hashed, versions });
}

/** A number that is not written the way it would be read back is a text: `0123` stays `0123`. */
function asWritten(leaf: Leaf, selected: boolean): Scalar {
  const differs = leaf.source !== undefined && leaf.source !== leaf.text && leaf.type !== 'bool';
  return selected && differs ? { type: 'str', text: leaf.source ?? '' } : leaf;
}

function slotOf(steps: readonly string[], value: { readonly type: string; readonly bytes: Uint8Array }): string {
  return JSON.stringify([steps, value.type, Buffer.from(value.bytes).toString('base64')]);
}

function earlier(before: OpenFile | undefined): ReadonlyMap<string, string> {
  const slots = (before?.leaves ?? []).flatMap(({ leaf, opened, cipher }) =>
    cipher === null ? [] : [[slotOf(leaf.steps, opened), cipher] as const],
  );
  return new Map(slots);
}

/** Notes the version that a value has had so far, where its ciphertext would be called otherwise. */
function keepVersion(
  versions: Map<string, string>,
  cipher: string,
  { former, before }: { readonly former: string; readonly before: Sealing['before'] },
): void {
  const [own, version] = [versionOf(cipher, undefined), versionOf(former, before?.open.file.metadata.provisioning)];
  if (own !== version) versions.set(own, version);
}

/** What is written besides the values. */
interface Written {
  readonly body: string;
  /** Plain values, in their order, for the MAC. */
  readonly hashed: readonly Uint8Array[];
  readonly versions: ReadonlyMap<string, string>;
}

function finish(sealing: Sealing, { body, hashed, versions }: Written): Uint8Array {
  const { file, key, keys, selection, macOnlyEncrypted, now } = sealing;
  const at = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const mac = encrypt(key, at, { type: 'str', bytes: Buffer.from(macOf(hashed, macOnlyEncrypted)) });
  const { kms, gcp_kms, azure_kv, hc_vault, ...others } = recipientLists(keys, at);
  const metadata = {
    kms,
    gcp_kms,
    azure_kv,
    hc_vault,
    ...others,
    lastmodified: at,
    mac,
    pgp: [],
    ...selection,
    ...(macOnlyEncrypted ? { mac_only_encrypted: true } : {}),
    version: VERSION,
    ...keptVersions(key, Object.fromEntries(versions)),
  };
  return Buffer.from(file.format.seal(body, metadata));
}

function keptVersions(key: Uint8Array, versions: KeptVersions['versions']): { readonly provisioning?: KeptVersions } {
  if (Object.keys(versions).length === 0) return {};
  const seal = encrypt(key, versionsBinding(versions), { type: 'versions', bytes: Buffer.from('kept') });
  return { provisioning: { versions, seal } };
}
