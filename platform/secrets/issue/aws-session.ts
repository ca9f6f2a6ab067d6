import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { Fault } from '../../../schemas/fault.ts';
import type { SessionAsk, Session } from '../port.ts';

/** STS answers everywhere; this is where it is asked when nothing says where we are. */
const REGION = 'us-east-1';
const REFUSED =
  /AccessDenied|UnrecognizedClient|ExpiredToken|Credentials|InvalidSignature|TokenProvider|InvalidClientTokenId/;

/** Credentials of AWS that end by themselves: of a role, or of whoever we are. */
export async function awsSession(
  environment: { readonly [name: string]: string | undefined },
  { role, minutes, name }: SessionAsk,
): Promise<Session> {
  const client = new STSClient({ region: environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? REGION });
  const DurationSeconds = minutes * 60;
  try {
    const { Credentials: got } = await (role === undefined
      ? client.send(new GetSessionTokenCommand({ DurationSeconds }))
      : client.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: name, DurationSeconds })));
    const {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration,
    } = got ?? {};
    if (
      accessKeyId === undefined ||
      secretAccessKey === undefined ||
      sessionToken === undefined ||
      Expiration === undefined
    )
      throw new TypeError('an answer without credentials');
    return { accessKeyId, secretAccessKey, sessionToken, until: Expiration.getTime() };
  } catch (error) {
    // Messages of AWS may quote what was sent.
    const code = error instanceof Error ? error.name : '';
    if (REFUSED.test(code))
      throw new Fault('denied', {
        id: 'SEC-STS-DENIED',
        what: `AWS STS issues no session for ${role ?? 'these credentials'}`,
        fix: 'check the credentials of AWS here, and whom the role trusts',
      });
    if (/Validation/.test(code))
      throw new Fault('invalid', {
        id: 'SEC-STS-ASK',
        what: `AWS STS does not take ${minutes} minutes${role === undefined ? '' : ` for ${role}`}`,
        fix: 'a role allows at most its own maximum session duration; see --minutes',
      });
    throw new Fault('unavailable', {
      id: 'SEC-STS-DOWN',
      what: 'AWS STS does not answer',
      fix: 'try again later; nothing was issued',
    });
  }
}
