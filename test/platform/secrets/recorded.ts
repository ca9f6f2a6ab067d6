import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unwrapAny, wrapFor } from '../../../platform/secrets/keys/services.ts';
import type { KeySurroundings } from '../../../platform/secrets/keys/reach.ts';
import { type OpenFile, openFile } from '../../../platform/secrets/sops/opening.ts';
import { newFileKey, sealText } from '../../../platform/secrets/sops/sealing.ts';
import { secretsFile } from '../../../schemas/sops/place.ts';
import { readSealed, type SealedFile } from '../../../schemas/sops/listing.ts';
import { wrappedKeys } from '../../../schemas/sops/metadata.ts';

/** Files that sops 3.9.4 wrote (`sealed`), and what it was given (`plain`). */
export const RECORDED = fileURLToPath(new URL('recorded/', import.meta.url));

/** The identity that all recorded files are for. It opens nothing else. */
export const IDENTITY = readFileSync(`${RECORDED}identity.txt`, 'utf8').trim();
export const RECIPIENT = 'age17tud8h7u7v0fcfn0l3wc6qg7ajynazf4wp920xntwuweqffge4gsppkq5m';

export const SURROUNDINGS: KeySurroundings = {
  environment: { SOPS_AGE_KEY: IDENTITY },
  fetch: globalThis.fetch,
  folder: `${RECORDED}none`,
};

/** A file as it would stand in a workspace. */
export function sealed(name: string, bytes: Uint8Array): SealedFile {
  const read = readSealed(`secrets/${name}`, bytes, undefined);
  if (!('reading' in read)) throw new Error(read.map(problem => problem.what).join('\n'));
  return read;
}

export async function opened(name: string, bytes: Uint8Array, surroundings = SURROUNDINGS): Promise<OpenFile> {
  const file = sealed(name, bytes);
  return openFile(file, await unwrapAny(file.file, wrappedKeys(file.metadata), surroundings));
}

/** What a file holds, by the place of each value: what is equal whoever wrote the file. */
export function contents({ leaves }: OpenFile): readonly string[] {
  return leaves.flatMap(({ leaf, opened: { type, bytes } }) =>
    leaf.kind === 'value' ? [`${leaf.steps.join('/')} ${type} ${JSON.stringify(bytes.toString('latin1'))}`] : [],
  );
}

/** A text as a file of secrets that the recorded identity opens. */
export async function sealedText(path: string, plain: string): Promise<string> {
  const file = secretsFile(path);
  if (file === null) throw new Error(`${path} is no file of secrets`);
  const key = newFileKey();
  const keys = await wrapFor(key, [{ is: 'age', recipient: RECIPIENT }], SURROUNDINGS);
  const how = { file, key, keys, selection: {}, macOnlyEncrypted: false, now: 1_700_000_000_000 };
  return Buffer.from(sealText(Buffer.from(plain), how)).toString('utf8');
}
