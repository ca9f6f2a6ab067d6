import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { KeySurroundings } from '../../../platform/secrets/keys/reach.ts';
import { keyService, unwrapAny, wrapFor } from '../../../platform/secrets/keys/services.ts';
import type { Recipient } from '../../../schemas/sops/metadata.ts';

/** One backend under test. What it cannot be made to do is null. */
export interface Subject {
  readonly recipient: Recipient;
  readonly surroundings: KeySurroundings;
  /** Surroundings from which the key cannot be used, and the code that this has; null: there is no identity. */
  readonly stranger: { readonly surroundings: KeySurroundings; readonly code: string | null } | null;
  /** Surroundings in which the service does not answer. */
  readonly down: KeySurroundings | null;
}

/** What every backend must do. */
export function keyContract(name: string, prepare: () => Promise<Subject>): void {
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      value => value,
      (error: { code?: string }) => error.code,
    );

  describe(`key service ${name}`, () => {
    it('gives back what it wrapped, and shows nothing of it', async () => {
      const { recipient, surroundings } = await prepare();
      const key = randomBytes(32);
      const service = keyService(recipient, surroundings);
      const [one, two] = [await service.wrap(key), await service.wrap(key)];
      expect(one).not.toBe(two);
      for (const wrapped of [one, two]) {
        expect(Buffer.from((await service.unwrap(wrapped)) ?? [])).toEqual(key);
        for (const shape of ['hex', 'base64', 'latin1'] as const) expect(wrapped).not.toContain(key.toString(shape));
      }
    });

    it('refuses what was changed', async () => {
      const { recipient, surroundings } = await prepare();
      const service = keyService(recipient, surroundings);
      const wrapped = await service.wrap(randomBytes(32));
      const at = Math.floor(wrapped.length * 0.6);
      const changed = wrapped.slice(0, at) + (wrapped[at] === '7' ? '8' : '7') + wrapped.slice(at + 1);
      expect(await codeOf(service.unwrap(changed))).toBe('integrity');
    });

    it('says who cannot use it, and when it is down', async () => {
      const { recipient, surroundings, stranger, down } = await prepare();
      const wrapped = await keyService(recipient, surroundings).wrap(randomBytes(32));
      if (stranger !== null)
        expect(await codeOf(keyService(recipient, stranger.surroundings).unwrap(wrapped))).toBe(stranger.code);
      if (down === null) return;
      expect(await codeOf(keyService(recipient, down).wrap(randomBytes(32)))).toBe('unavailable');
      expect(await codeOf(keyService(recipient, down).unwrap(wrapped))).toBe('unavailable');
    });

    it('is one of several ways to the same data key', async () => {
      const { recipient, surroundings, stranger } = await prepare();
      const key = randomBytes(32);
      const keys = await wrapFor(key, [recipient], surroundings);
      expect(Buffer.from(await unwrapAny('secrets/a.sops.yaml', keys, surroundings))).toEqual(key);
      if (stranger === null) return;
      const said = await codeOf(unwrapAny('secrets/a.sops.yaml', keys, stranger.surroundings));
      expect(said).toBe(stranger.code ?? 'denied');
    });
  });
}
