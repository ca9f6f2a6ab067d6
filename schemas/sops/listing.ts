import type { Problem } from '../fault.ts';
import { lineColumn } from '../parse/node.ts';
import type { Position } from '../position.ts';
import { type SecretEntry, SecretPath } from '../secret.ts';
import { isFlaw, type Leaf, type Reading } from './format.ts';
import { type Recipient, recipientText, SopsMetadata, wrappedKeys } from './metadata.ts';
import { type CreationRule, ruleFor } from './rules.ts';
import { RULES_FILE, SECRETS_FOLDER, type SecretsFile, secretsFile } from './place.ts';
import { versionOf } from './versions.ts';

/** How every ciphertext starts. */
const CIPHER = 'ENC[AES256_GCM,';

/** True for a text that stands in place of an encrypted value. */
export function isCipher(text: string): boolean {
  return text.startsWith(CIPHER);
}

/** An encrypted file, read but not decrypted. */
export interface SealedFile extends SecretsFile {
  readonly reading: Reading;
  readonly metadata: SopsMetadata;
  /** What the rules say about it; null without rules. */
  readonly rule: CreationRule | null;
}

/** All secrets of a workspace by path, and everything that is wrong with their files. Pure; nothing is decrypted. */
export interface SecretsListing {
  readonly entries: readonly SecretEntry[];
  readonly sealed: ReadonlyMap<string, SealedFile>;
  readonly problems: readonly Problem[];
}

/** Lists the secrets in the files of a workspace, whose paths are from its folder. `prefix` is put before places in problems. */
export function listSecrets(files: ReadonlyMap<string, Uint8Array>, prefix = ''): SecretsListing {
  const sealed = new Map<string, SealedFile>();
  const problems: Problem[] = [];
  const entries = new Map<SecretPath, SecretEntry>();
  for (const [path, bytes] of [...files].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    if (!path.startsWith(`${SECRETS_FOLDER}/`) || path === RULES_FILE) continue;
    const file = readSealed(path, bytes, files.get(RULES_FILE));
    if (!('reading' in file)) {
      problems.push(...file);
      continue;
    }
    sealed.set(path, file);
    problems.push(...objections(file));
    for (const entry of entriesOf(file)) {
      const first = entries.get(entry.path);
      if (first === undefined) entries.set(entry.path, entry);
      else problems.push(twice(entry, first));
    }
  }
  const placed = prefix === '' ? problems : problems.map(problem => shifted(problem, prefix));
  return {
    entries: [...entries.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    sealed,
    problems: placed,
  };
}

/** Why a file that is in the format is not used: values that anyone can read or change, recipients that nobody named. */
export function objections(file: SealedFile): readonly Problem[] {
  return [...policyProblems(file), ...strangers(file)];
}

/** Reads one file of secrets. Problems instead when it is not one, or is not encrypted. */
export function readSealed(
  path: string,
  bytes: Uint8Array,
  rules: Uint8Array | undefined,
): SealedFile | readonly Problem[] {
  const place = { file: path, line: 1, column: 1 };
  const file = secretsFile(path);
  if (file === null) {
    const what = `${path} is not called <name>.sops.<yaml, json, env, ini or another ending>`;
    return [{ id: 'SEC-NAME', at: place, what, why: `in ${SECRETS_FOLDER}/ lie encrypted files only` }];
  }
  const reading = file.format.read(new TextDecoder().decode(bytes).replaceAll('\r\n', '\n'));
  if (isFlaw(reading)) {
    const text = new TextDecoder().decode(bytes);
    const at = lineColumn({ path, text, root: null, flaws: [] }, reading.at);
    return [
      file.isBinary ? plain(path, []) : { id: reading.id, at: { file: path, ...at }, what: `${path}: ${reading.what}` },
    ];
  }
  if (reading.metadata === null) return [plain(path, reading.leaves)];
  const metadata = SopsMetadata.safeParse(reading.metadata);
  if (!metadata.success)
    return [
      {
        id: 'SEC-META',
        at: place,
        what: `${path}: its sops metadata is not in the format`,
        why: metadata.error.issues[0]?.path.join('.') ?? '',
      },
    ];
  if ((metadata.data.key_groups?.length ?? 0) > 0 || (metadata.data.shamir_threshold ?? 0) > 1)
    return [
      {
        id: 'SEC-GROUPS',
        at: place,
        what: `${path} splits its data key between groups`,
        why: 'every recipient of a file can open it here',
        fix: 'encrypt it for one group of recipients',
      },
    ];
  const rule = rules === undefined ? null : ruleFor(rules, path);
  if (rule !== null && 'what' in rule) return [rule];
  return { ...file, reading, metadata: metadata.data, rule };
}

function plain(path: string, leaves: readonly Leaf[]): Problem {
  const fields = leaves.filter(leaf => leaf.kind === 'value').map(leaf => leaf.steps.join('.'));
  const shown = fields.slice(0, 10).join(', ') + (fields.length > 10 ? ` and ${fields.length - 10} more` : '');
  return {
    id: 'SEC-PLAIN',
    at: { file: path, line: 1, column: 1 },
    what: `plaintext in a secrets file: ${path} is not encrypted${shown === '' ? '' : ` (${shown})`}`,
    why: 'whoever can read the repository can read the values, and its history keeps them',
    fix: 'treat the values as leaked: replace each where it is used, then encrypt the file',
  };
}

const SECRETIVE = /pass(?:word|wd|phrase|$)|secret|token|credential|private|api_?key|access_?key/i;

/** A file may leave values readable, but none that looks like a secret, and none that could be changed unseen. */
function policyProblems({ file, reading, metadata, isBinary }: SealedFile): readonly Problem[] {
  const open = reading.leaves.filter(leaf => leaf.kind === 'value' && leaf.text !== '' && !isCipher(leaf.text));
  const place = (leaf: Leaf): Position => ({
    file,
    ...lineColumn({ path: file, text: reading.text, root: null, flaws: [] }, leaf.start),
  });
  const problems: Problem[] = open
    .filter(leaf => isBinary || leaf.names.some(name => SECRETIVE.test(name)))
    .map(leaf => ({
      id: 'SEC-POLICY',
      at: place(leaf),
      what: `${file}: ${leaf.steps.join('.')} is named like a secret and stands in plain text`,
      why: 'the file says by suffix or pattern what is encrypted, and this is not',
      fix: 'treat the value as leaked and replace it, then encrypt it',
    }));
  const [first] = open;
  if (metadata.mac_only_encrypted === true && first !== undefined)
    problems.push({
      id: 'SEC-POLICY',
      at: place(first),
      what: `${file}: mac_only_encrypted leaves ${open.length} values that anyone can change unseen`,
      fix: 'take mac_only_encrypted out of the rules and rotate the file',
    });
  return problems;
}

/** Recipients of a file beyond the ones that the rules name: whoever put them in can read it, and may have written it. */
function strangers({ file, metadata, rule }: SealedFile): readonly Problem[] {
  if (rule === null) return [];
  const known = new Set(rule.recipients.map(keyOf));
  const named = wrappedKeys(metadata)
    .map(key => key.recipient)
    .filter(one => !known.has(keyOf(one)))
    .map(recipientText);
  // The rules that are read here cannot name these.
  const others = (['pgp', 'gcp_kms', 'azure_kv'] as const).filter(list => (metadata[list]?.length ?? 0) > 0);
  return [...named, ...others.map(list => `a key in its list ${list}`)].map(one => ({
    id: 'SEC-STRANGER',
    at: { file, line: 1, column: 1 },
    what: `${file} is also encrypted for ${one}, which ${RULES_FILE} does not name`,
    why: 'it may have been written by somebody else',
    fix: `provisioning secret recipients, when you know why; or add it to ${RULES_FILE}`,
  }));
}

function keyOf(recipient: Recipient): string {
  return recipient.is === 'aws-kms' ? recipient.arn : recipientText(recipient);
}

/** The encrypted values of a file that a reference can name. */
export function entriesOf(file: SealedFile): readonly SecretEntry[] {
  const document = { path: file.file, text: file.reading.text, root: null, flaws: [] };
  return file.reading.leaves.flatMap(leaf => {
    const path = pathOf(file, leaf);
    if (leaf.kind !== 'value' || !isCipher(leaf.text) || !SecretPath.safeParse(path).success) return [];
    const version = versionOf(leaf.text, file.metadata.provisioning);
    return [{ path, version, file: file.file, line: lineColumn(document, leaf.start).line }];
  });
}

/** Path of the secret at a leaf. */
export function pathOf(file: Pick<SecretsFile, 'name' | 'isBinary'>, leaf: Pick<Leaf, 'steps'>): SecretPath {
  return file.isBinary ? file.name : [file.name, ...leaf.steps].join('/');
}

function twice(entry: SecretEntry, first: SecretEntry): Problem {
  return {
    id: 'SEC-TWICE',
    at: { file: entry.file, line: entry.line, column: 1 },
    also: [{ file: first.file, line: first.line, column: 1 }],
    what: `there are two secrets ${entry.path}`,
  };
}

function shifted(problem: Problem, prefix: string): Problem {
  const moved = <P extends { readonly file: string }>(position: P): P => ({
    ...position,
    file: `${prefix}/${position.file}`,
  });
  return {
    ...problem,
    ...(problem.at === undefined ? {} : { at: moved(problem.at) }),
    ...(problem.also === undefined ? {} : { also: problem.also.map(moved) }),
  };
}
