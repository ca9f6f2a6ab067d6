import { z } from 'zod';

/** A public key of OpenPGP in armoured form. It is pinned by whoever writes it: one that is fetched proves nothing. */
export function publicKey(missing?: string) {
  return z
    .string({ error: issue => (issue.input === undefined ? missing : undefined) })
    .max(65_536)
    .regex(
      /^-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n[\s\S]*-----END PGP PUBLIC KEY BLOCK-----\s*$/,
      'an OpenPGP public key in armoured form starts with -----BEGIN PGP PUBLIC KEY BLOCK-----',
    );
}
