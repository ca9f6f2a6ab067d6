import ssh2 from 'ssh2';
import { fingerprint } from '../../../platform/ssh/pin.ts';

export interface TestKey {
  readonly private: string;
  /** `ssh-ed25519 AAAA...`. */
  readonly public: string;
  readonly fingerprint: string;
}

export function newKey(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519', passphrase?: string): TestKey {
  const sealed = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr' as const, rounds: 4 };
  const bits = { ed25519: {}, ecdsa: { bits: 256 }, rsa: { bits: 2_048 } }[type];
  const make = () => ssh2.utils.generateKeyPairSync(type as 'ed25519', { ...bits, ...sealed } as never);
  let pair = make();
  // One key in a few hundred that this package writes, it cannot read.
  while (ssh2.utils.parseKey(pair.private, passphrase) instanceof Error) pair = make();
  const [sort = '', text = ''] = pair.public.split(' ');
  return { private: pair.private, public: `${sort} ${text}`, fingerprint: fingerprint(Buffer.from(text, 'base64')) };
}
