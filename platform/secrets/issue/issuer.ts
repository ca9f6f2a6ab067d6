import type { Issuer } from '../port.ts';
import { revocationList } from './revocations.ts';
import { sshCertificate } from './ssh-certificate.ts';

/** Certificates that we sign, and sessions that AWS issues. */
export function openIssuer(environment: { readonly [name: string]: string | undefined }): Issuer {
  return {
    certificate: (authority, ask) => sshCertificate(authority.reveal(), ask),
    revocations: revocationList,
    session: async ask => {
      // Its client is loaded by who asks AWS.
      const { awsSession } = await import('./aws-session.ts');
      return awsSession(environment, ask);
    },
  };
}
