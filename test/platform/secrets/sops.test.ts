import { readdirSync, readFileSync } from 'node:fs';
import { decryptSops } from 'sops-age';
import { describe, expect, it } from 'vitest';
import { wrapFor } from '../../../platform/secrets/keys/services.ts';
import { plainText } from '../../../platform/secrets/sops/opening.ts';
import { newFileKey, sealText, type Sealing } from '../../../platform/secrets/sops/sealing.ts';
import { isFlaw } from '../../../schemas/sops/format.ts';
import { secretsFile } from '../../../schemas/sops/place.ts';
import { contents, IDENTITY, opened, RECIPIENT, RECORDED, SURROUNDINGS } from './recorded.ts';

const names = readdirSync(`${RECORDED}sealed`);
const plainOf = (name: string): Buffer => readFileSync(`${RECORDED}plain/${name.replace('.sops', '')}`);

/** Places, types and values of a plain text, by our reader. */
function given(name: string): readonly string[] {
  const file = secretsFile(`secrets/${name}`);
  if (file === null) throw new Error(name);
  if (file.isBinary) return [`data str ${JSON.stringify(plainOf(name).toString('latin1'))}`];
  const reading = file.format.read(plainOf(name).toString('utf8'));
  if (isFlaw(reading)) throw new Error(reading.what);
  return reading.leaves.flatMap(({ kind, steps, type, text }) =>
    kind === 'value' ? [`${steps.join('/')} ${type} ${JSON.stringify(Buffer.from(text).toString('latin1'))}`] : [],
  );
}

async function sealingOf(name: string): Promise<Sealing> {
  const file = secretsFile(`secrets/${name}`);
  if (file === null) throw new Error(name);
  const key = newFileKey();
  const keys = await wrapFor(key, [{ is: 'age', recipient: RECIPIENT }], SURROUNDINGS);
  return {
    file,
    key,
    keys,
    selection: { unencrypted_suffix: '_plain' },
    macOnlyEncrypted: false,
    now: 1_700_000_000_000,
  };
}

describe.each(names)('%s', name => {
  it('opens as sops sealed it, its MAC included', async () => {
    expect(contents(await opened(name, readFileSync(`${RECORDED}sealed/${name}`)))).toEqual(given(name));
  });

  it('opens again when it is sealed by us, comments and order as they were', async () => {
    const bytes = sealText(plainOf(name), await sealingOf(name));
    const back = await opened(name, bytes);
    if (back.file.isBinary) return expect(back.leaves[0]?.opened.bytes).toEqual(plainOf(name));
    const text = plainText(back);
    const again = await opened(name, sealText(Buffer.from(text), await sealingOf(name)));
    expect(contents(again)).toEqual(contents(back));
    // Written once by us, a text stays as it is.
    expect(plainText(again)).toBe(text);
    const comments = (of: string): number => (of.match(/^\s*[#;]/gm) ?? []).length;
    expect(comments(text)).toBe(comments(plainOf(name).toString('utf8')));
  });

  it('keeps every ciphertext that did not change', async () => {
    const sealing = await sealingOf(name);
    const before = await opened(name, sealText(plainOf(name), sealing));
    const same = Buffer.from(
      sealText(plainOf(name), { ...sealing, before: { open: before, isKeySame: true } }),
    ).toString();
    for (const { cipher } of before.leaves) if (cipher !== null) expect(same).toContain(cipher);
  });

  // It reads no INI.
  if (!name.endsWith('.ini'))
    it('is read by sops-age when it is sealed by us', async () => {
      const bytes = sealText(plainOf(name), await sealingOf(name));
      const fileType = name.endsWith('.pem') ? 'json' : (name.split('.').at(-1) as 'yaml');
      const theirs: unknown = await decryptSops(Buffer.from(bytes).toString(), { secretKey: IDENTITY, fileType });
      const ours = contents(await opened(name, bytes)).map(line => JSON.parse(line.slice(line.indexOf('"'))) as string);
      const flat = (value: unknown): string[] => {
        if (value === null) return [];
        if (typeof value === 'object') return Object.values(value).flatMap(flat);
        return [typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value)];
      };
      // Bytes that are no text are lost on its side.
      if (!name.endsWith('.pem')) expect(flat(theirs).map(text => Buffer.from(text).toString('latin1'))).toEqual(ours);
    });
});

it('writes a new ciphertext for a new value alone', async () => {
  const sealing = await sealingOf('two.sops.yaml');
  const first = await opened('two.sops.yaml', sealText(Buffer.from('one: correct horse\ntwo: battery\n'), sealing));
  const second = await opened(
    'two.sops.yaml',
    sealText(Buffer.from('one: correct horse\ntwo: staple\n'), {
      ...sealing,
      before: { open: first, isKeySame: true },
    }),
  );
  const [one, two] = [first, second].map(file => file.leaves.map(leaf => leaf.cipher));
  expect(one?.[0]).toBe(two?.[0]);
  expect(one?.[1]).not.toBe(two?.[1]);
});
