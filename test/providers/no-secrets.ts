import type { Secrets } from '../../schemas/secret.ts';

/** For providers that need no secret. */
export const noSecrets: Secrets = () => Promise.resolve(undefined);
