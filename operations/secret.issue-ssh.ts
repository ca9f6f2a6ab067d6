import { resolve } from 'node:path';
import { z } from 'zod';
import { SecretPath } from '../schemas/secret.ts';
import { LoginUser } from '../schemas/ssh.ts';
import { noteIssued } from './issuing.ts';
import { defineOperation } from './operation.ts';
import { FOLDER, openSecrets } from './secrets.ts';

/** A public key is far shorter. */
const KEY_BYTES = 16_384;

export const secretIssueSsh = defineOperation({
  name: 'secret.issue-ssh',
  summary: 'Sign an SSH key, so that servers which trust the authority let it in for a while.',
  description:
    'The authority is a secret that holds an Ed25519 private key. Servers trust it when sshd has its public key under TrustedUserCAKeys. Keep the answer beside the key as <key>-cert.pub.',
  example: 'provisioning secret issue-ssh ssh/authority --key id_ed25519.pub --minutes 60 > id_ed25519-cert.pub',
  permission: 'secret:issue',
  safe: false,
  input: z.strictObject({
    authority: SecretPath.describe('The secret that holds the private key of the authority.').meta({
      positional: true,
    }),
    key: z.string().describe('File with the public key that is let in.'),
    principal: z.array(LoginUser).min(1).default(['root']).describe('User of the servers that it is let in as.'),
    minutes: z.int().min(1).max(1_440).default(60).describe('How long it is good for.'),
    ...FOLDER,
  }),
  output: z.strictObject({
    id: z.string().describe('Serial number of the certificate.'),
    certificate: z.string(),
    authority: z.string().describe('The public key that signed it; servers have it under TrustedUserCAKeys.'),
    subject: z.string().describe('Fingerprint of the key that was signed.'),
    principals: z.array(z.string()),
    until: z.iso.datetime(),
  }),
  async run(ports, input, call) {
    const { world } = ports;
    const publicKey = await ports.folders.readText(resolve(input.key), KEY_BYTES);
    const secrets = await openSecrets(ports, input, call);
    try {
      const authority = await secrets.reveal(input.authority, 'secret issue-ssh');
      const id = (BigInt(`0x${world.randomHex(8)}`) >> 1n).toString();
      const principals = [...input.principal];
      const {
        certificate,
        authority: signer,
        subject,
        until: end,
      } = (await ports.openIssuer()).certificate(authority, {
        publicKey,
        principals,
        serial: id,
        minutes: input.minutes,
        keyId: `${call.actor} ${id}`,
        now: world.clock.now(),
        nonce: world.randomHex(32),
      });
      const issued = { id, authority: signer, until: new Date(end).toISOString() };
      await noteIssued(ports, call, { ...issued, kind: 'ssh', what: `${subject} as ${principals.join(', ')}` });
      return { ...issued, certificate, subject, principals };
    } finally {
      secrets.close();
    }
  },
  text: ({ certificate }) => `${certificate}\n`,
});
