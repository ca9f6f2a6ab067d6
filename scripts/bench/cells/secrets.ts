import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureAgeKey } from '../../../platform/secrets/keys/age-key.ts';
import { wrapFor } from '../../../platform/secrets/keys/services.ts';
import { newFileKey, sealText } from '../../../platform/secrets/sops/sealing.ts';
import { secretsFile } from '../../../schemas/sops/place.ts';
import { type Bench, expect, folder, succeeded } from '../bench.ts';
import { measure, type Measured } from '../measure.ts';
import { pairUp } from '../pairs.ts';

const COUNT = 1_000;

/** Opening a file of 1,000 secrets with its MAC: our `secret get`, which also writes its audit record, beside `sops decrypt`. */
export async function secrets(bench: Bench): Promise<void> {
  const on = `${COUNT.toLocaleString('en')} secrets`;
  bench.say(`secrets cell: ${on}`);
  const place = folder(bench, 'secrets');
  const home = join(place, 'home');
  const path = await writeSecrets(place, join(home, 'keys'));
  const isThere = spawnSync('sops', ['--version'], { stdio: 'ignore' }).status === 0;
  const argv = [process.execPath, bench.program, 'secret', 'get', `many/key-${COUNT - 1}`, '--reveal', '-C', place];
  const ours = async (): Promise<Measured> => {
    const done = succeeded(await measure({ argv, env: { PROVISIONING_HOME: home } }), 'secret get');
    expect(done.stdout.trim(), valueOf(COUNT - 1), 'the last secret');
    return done;
  };
  const theirs = async (): Promise<Measured> => {
    const env = { SOPS_AGE_KEY_FILE: join(home, 'keys', 'age.txt') };
    const done = succeeded(await measure({ argv: ['sops', 'decrypt', path], env }), 'sops decrypt');
    expect(done.stdout.includes(valueOf(COUNT - 1)), true, 'the last secret in what sops prints');
    return done;
  };
  const { pairs, budgetS } = bench;
  const samples = await pairUp({ pairs, budgetS, ours, theirs: isThere ? theirs : null });
  bench.cells.push({ what: 'open secrets, sops', on, ...samples, ...(isThere ? {} : { why: 'sops is not present' }) });
}

function valueOf(index: number): string {
  return `value of the secret with the number ${index}`;
}

async function writeSecrets(place: string, keys: string): Promise<string> {
  const file = secretsFile('secrets/many.sops.yaml');
  if (file === null) throw new Error('the name of a file of secrets changed');
  const surroundings = { environment: {}, fetch: globalThis.fetch, folder: keys };
  const key = newFileKey();
  const wrapped = await wrapFor(key, [{ is: 'age', recipient: await ensureAgeKey(keys) }], surroundings);
  const lines = Array.from({ length: COUNT }, (_none, index) => `key-${index}: ${valueOf(index)}\n`);
  const sealing = { file, key, keys: wrapped, selection: {}, macOnlyEncrypted: false, now: Date.now() };
  mkdirSync(join(place, 'secrets'));
  writeFileSync(join(place, 'workspace.yaml'), 'name: many\n');
  writeFileSync(join(place, file.file), sealText(Buffer.from(lines.join('')), sealing));
  return join(place, file.file);
}
