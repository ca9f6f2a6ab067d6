import { Fault, type Problem } from '../../schemas/fault.ts';
import { nearest } from '../../schemas/nearest.ts';
import { isTooShort, type SecretPath, SecretValue, tooShort } from '../../schemas/secret.ts';
import { listSecrets, pathOf, type SealedFile } from '../../schemas/sops/listing.ts';
import { wrappedKeys } from '../../schemas/sops/metadata.ts';
import type { KeySurroundings } from './keys/reach.ts';
import type { OpenSecrets, SecretStore } from './port.ts';
import { openFile } from './sops/opening.ts';

/** Secrets in SOPS files. */
export function sopsStore(surroundings: KeySurroundings): SecretStore {
  return {
    open(files, access) {
      const { entries, sealed, problems } = listSecrets(files);
      if (problems.length > 0) throw new Fault('invalid', problems);
      const byPath = new Map(entries.map(entry => [entry.path, entry]));
      const opened = new Map<string, Promise<ReadonlyMap<SecretPath, Buffer>>>();
      const valuesOf = (file: SealedFile): Promise<ReadonlyMap<SecretPath, Buffer>> => {
        const known = opened.get(file.file);
        if (known !== undefined) return known;
        const values = openValues(file, surroundings);
        opened.set(file.file, values);
        // A service that was down is asked again for the next value.
        values.catch(() => opened.delete(file.file));
        return values;
      };
      const secrets: OpenSecrets = {
        entries,
        async reveal(path, purpose) {
          const entry = byPath.get(path);
          const file = entry === undefined ? undefined : sealed.get(entry.file);
          if (entry === undefined || file === undefined) throw new Fault('invalid', missing(path, [...byPath.keys()]));
          await access({ path, version: entry.version, purpose });
          const bytes = (await valuesOf(file)).get(path) ?? Buffer.alloc(0);
          return new SecretValue(path, textOf(path, bytes));
        },
        close() {
          for (const values of opened.values())
            void values.then(map => map.forEach(bytes => bytes.fill(0))).catch(() => undefined);
          opened.clear();
        },
      };
      return secrets;
    },
  };
}

async function openValues(file: SealedFile, surroundings: KeySurroundings): Promise<ReadonlyMap<SecretPath, Buffer>> {
  // The libraries of key services are loaded by who opens a file.
  const { unwrapAny } = await import('./keys/services.ts');
  const key = await unwrapAny(file.file, wrappedKeys(file.metadata), surroundings);
  const { leaves } = openFile(file, key);
  key.fill(0);
  return new Map(
    leaves.flatMap(({ leaf, opened }) => (leaf.kind === 'value' ? [[pathOf(file, leaf), opened.bytes]] : [])),
  );
}

/** A value as text, byte for byte. Throws Fault `invalid` for one that is too short to be kept out of outputs, or is no text. */
function textOf(path: SecretPath, bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes))
    throw new Fault('invalid', {
      id: 'SEC-BYTES',
      what: `${path} is not text, and would be changed on its way`,
      fix: 'keep it base64-encoded, and decode it where it is used',
    });
  if (isTooShort(text)) throw new Fault('invalid', tooShort(path));
  return text;
}

/** There is no such secret. */
export function missing(path: SecretPath, known: readonly SecretPath[]): Problem {
  const meant = nearest(path, [...known]);
  return {
    id: 'SEC-MISSING',
    what: `there is no secret ${path}`,
    fix: meant === undefined ? `provisioning secret set ${path}` : `did you mean ${meant}?`,
  };
}
