import { Fault } from '../../../schemas/fault.ts';
import type { Git } from '../../../schemas/git.ts';
import { isTooShort, type SecretPath, tooShort } from '../../../schemas/secret.ts';
import { isFlaw } from '../../../schemas/sops/format.ts';
import { pathOf, type SealedFile } from '../../../schemas/sops/listing.ts';
import { recipientOf, recipientText, wrappedKeys } from '../../../schemas/sops/metadata.ts';
import { RULES_FILE, type SecretsFile, secretsFile } from '../../../schemas/sops/place.ts';
import { ensureAgeKey } from '../keys/age-key.ts';
import { ensureLocalKey } from '../keys/local-key.ts';
import type { SecretChange, Vault } from '../port.ts';
import { missing } from '../store.ts';
import { editText } from './editor.ts';
import { readFolder, type SecretsFolder, writeFolder } from './folder.ts';
import { commitFiles, versionsIn } from './repository.ts';
import {
  changedPaths,
  plainOf,
  recipientsOf,
  resealed,
  rewrapped,
  rotated,
  ruleOf,
  sealedAnew,
  unlock,
  type VaultSurroundings,
} from './resealing.ts';
import { changedRules } from './rules-file.ts';

/** Secrets in SOPS files of a folder on disk. */
export function openVault(surroundings: VaultSurroundings & { readonly git: Git }): Vault {
  return {
    keygen: async () => ({
      recipient: await ensureAgeKey(surroundings.folder),
      local: await ensureLocalKey(surroundings.folder),
    }),
    set: (folder, path, value, { isBinary }) => set(surroundings, { folder, path, value, isBinary }),
    remove: (folder, path) => remove(surroundings, folder, path),
    edit: (folder, name) => edit(surroundings, folder, name),
    rotate: (folder, name) => rotate(surroundings, folder, name),
    recipients: (folder, change) => recipients(surroundings, folder, change),
    async history(folder, path) {
      const { sealed } = await readFolder(folder, () => true);
      const file = fileFor([...sealed.values()], path)?.file ?? newPlace(path, false).file;
      return versionsIn(surroundings.git, { folder, file }, path);
    },
    commit: commitFiles,
  };
}

interface Setting {
  readonly folder: string;
  readonly path: SecretPath;
  readonly value: Uint8Array;
  readonly isBinary: boolean;
}

async function set(surroundings: VaultSurroundings, { folder, path, value, isBinary }: Setting): Promise<SecretChange> {
  if (isTooShort(Buffer.from(value).toString('utf8'))) throw new Fault('invalid', tooShort(path));
  const held = await readFolder(folder);
  const file = fileFor([...held.sealed.values()], path);
  if (file === undefined) {
    const place = newPlace(path, isBinary);
    const plain = place.isBinary ? value : withValue(place, '', { path, value });
    const bytes = await sealedAnew(
      plain,
      { file: place, rule: ruleOf(held.files.get(RULES_FILE), place.file) },
      surroundings,
    );
    return written(folder, held, new Map([[place.file, bytes]]));
  }
  const unlocked = await unlock(file, surroundings);
  const plain = file.isBinary
    ? value
    : withValue(file, Buffer.from(plainOf(unlocked)).toString('utf8'), { path, value });
  return written(folder, held, new Map([[file.file, resealed(unlocked, plain, surroundings)]]));
}

/** The file that a path is in, or belongs into: the one with the longest name that starts it. */
function fileFor(files: readonly SealedFile[], path: SecretPath): SealedFile | undefined {
  const fits = files.filter(file => (file.isBinary ? file.name === path : path.startsWith(`${file.name}/`)));
  return fits.toSorted((one, other) => other.name.length - one.name.length)[0];
}

function newPlace(path: SecretPath, isBinary: boolean): SecretsFile {
  const [name = '', ...keys] = path.split('/');
  const place = secretsFile(isBinary ? `secrets/${path}.sops.bin` : `secrets/${name}.sops.yaml`);
  if (place !== null && (isBinary || keys.length > 0)) return place;
  throw new Fault('usage', {
    id: 'SEC-PATH',
    what: `${path} names no key in a file`,
    fix: `provisioning secret set ${name}/<key>, or --binary for a file that is one secret`,
  });
}

/** A plain text with one value set. Throws Fault `invalid` when the format cannot hold it byte for byte. */
function withValue(file: SecretsFile, text: string, { path, value }: Pick<Setting, 'path' | 'value'>): Uint8Array {
  const wish = Buffer.from(value).toString('utf8');
  const steps = path.slice(file.name.length + 1).split('/');
  const reading = file.format.read(text);
  const leaf = isFlaw(reading)
    ? undefined
    : reading.leaves.find(one => one.kind === 'value' && pathOf(file, one) === path);
  const written = leaf === undefined ? null : file.format.write(leaf, { type: 'str', text: wish });
  const next =
    leaf === undefined
      ? file.format.add(text, steps, wish)
      : written === null
        ? null
        : text.slice(0, leaf.start) + written + text.slice(leaf.end);
  const again = next === null ? null : file.format.read(next);
  const kept =
    again !== null && !isFlaw(again) && again.leaves.some(one => pathOf(file, one) === path && one.text === wish);
  if (next !== null && kept && Buffer.from(wish).equals(value)) return Buffer.from(next);
  throw new Fault('invalid', {
    id: 'SEC-BYTES',
    what: `${file.file} cannot hold this value at ${steps.join('.')} byte for byte`,
    fix: 'use YAML or JSON for text, and --binary for what is no text',
  });
}

async function remove(surroundings: VaultSurroundings, folder: string, path: SecretPath): Promise<SecretChange> {
  const held = await readFolder(folder);
  const entry = held.entries.find(one => one.path === path);
  const file = held.sealed.get(entry?.file ?? '');
  if (entry === undefined || file === undefined)
    throw new Fault(
      'usage',
      missing(
        path,
        held.entries.map(one => one.path),
      ),
    );
  if (file.isBinary)
    throw new Fault('usage', { id: 'SEC-PATH', what: `${path} is a whole file`, fix: `git rm ${file.file}` });
  const unlocked = await unlock(file, surroundings);
  const text = file.format.remove(
    Buffer.from(plainOf(unlocked)).toString('utf8'),
    path.slice(file.name.length + 1).split('/'),
  );
  return written(folder, held, new Map([[file.file, resealed(unlocked, Buffer.from(text), surroundings)]]));
}

async function edit(surroundings: VaultSurroundings, folder: string, name: SecretPath): Promise<SecretChange> {
  const held = await readFolder(folder);
  const file = named(held, name);
  const unlocked = await unlock(file, surroundings);
  const before = plainOf(unlocked);
  const after = await editText(surroundings.environment, { name: file.file, text: before });
  if (Buffer.from(before).equals(after)) return { files: [], paths: [] };
  return written(folder, held, new Map([[file.file, resealed(unlocked, after, surroundings)]]));
}

function named(held: SecretsFolder, name: SecretPath): SealedFile {
  const file = [...held.sealed.values()].find(one => one.name === name || one.file === name);
  if (file !== undefined) return file;
  const names = [...held.sealed.values()].map(one => one.name);
  throw new Fault('usage', { ...missing(name, names), what: `there is no file of secrets ${name}` });
}

async function rotate(surroundings: VaultSurroundings, folder: string, name: SecretPath | null): Promise<SecretChange> {
  const held = await readFolder(folder);
  const files = name === null ? [...held.sealed.values()] : [named(held, name)];
  const next = new Map<string, Uint8Array>();
  for (const file of files) next.set(file.file, await rotated(await unlock(file, surroundings), surroundings));
  return written(folder, held, next);
}

async function recipients(
  surroundings: VaultSurroundings,
  folder: string,
  { add, remove: gone }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): Promise<SecretChange & { readonly recipients: readonly string[] }> {
  const before = await readFolder(folder, problem => problem.id === 'SEC-STRANGER');
  const change = { add: recipientsOf(add, recipientOf), remove: recipientsOf(gone, recipientOf) };
  const rules = changedRules(before.files.get(RULES_FILE), change);
  const next = new Map([[RULES_FILE, rules]]);
  for (const file of before.sealed.values()) {
    const rule = ruleOf(rules, file.file);
    const [old, wanted] = [wrappedKeys(file.metadata).map(key => key.recipient), rule.recipients].map(list =>
      list.map(recipientText).toSorted().join(' '),
    );
    if (old === wanted) continue;
    next.set(file.file, await rewrapped(await unlock({ ...file, rule }, surroundings), surroundings));
  }
  const named = ruleOf(rules, 'secrets/any.sops.yaml').recipients.map(recipientText);
  return { ...(await written(folder, before, next)), recipients: named };
}

/** Writes what differs, and says which secrets have another version now. */
async function written(
  folder: string,
  held: SecretsFolder,
  next: ReadonlyMap<string, Uint8Array>,
): Promise<SecretChange> {
  const changed = new Map(
    [...next].filter(([path, bytes]) => !Buffer.from(bytes).equals(held.files.get(path) ?? Buffer.alloc(0))),
  );
  const paths = [...changed].flatMap(([path, bytes]) => (path === RULES_FILE ? [] : changedPaths(path, bytes, held)));
  await writeFolder(folder, changed);
  return { files: [...changed.keys()].toSorted(), paths: paths.toSorted() };
}
