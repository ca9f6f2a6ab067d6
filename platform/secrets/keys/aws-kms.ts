import type { Recipient } from '../../../schemas/sops/metadata.ts';
import type { KeyService } from '../port.ts';
import { damaged, refused, unavailable } from './reach.ts';

type AwsKms = Extract<Recipient, { is: 'aws-kms' }>;

const SERVICE = 'AWS KMS';
const REFUSED = /AccessDenied|UnrecognizedClient|ExpiredToken|Credentials|InvalidSignature|TokenProvider|NotAuthorized/;
const DAMAGED = /InvalidCiphertext|IncorrectKey/;

/** A key of AWS KMS, with the encryption context that stands in the file. Its client is loaded when it is used. */
export function awsKmsService(recipient: AwsKms): KeyService {
  const { arn, context } = recipient;
  const binding = context === undefined ? {} : { EncryptionContext: { ...context } };
  return {
    async wrap(dataKey) {
      const { client, library } = await open(recipient);
      const reply = await sent(client.send(new library.EncryptCommand({ KeyId: arn, Plaintext: dataKey, ...binding })));
      return Buffer.from(reply.CiphertextBlob ?? []).toString('base64');
    },
    async unwrap(wrapped) {
      const { client, library } = await open(recipient);
      const CiphertextBlob = Buffer.from(wrapped, 'base64');
      const reply = await sent(client.send(new library.DecryptCommand({ KeyId: arn, CiphertextBlob, ...binding })));
      return reply.Plaintext ?? null;
    },
  };
}

type Library = typeof import('@aws-sdk/client-kms');

async function open(recipient: AwsKms): Promise<{ client: InstanceType<Library['KMSClient']>; library: Library }> {
  const library = await import('@aws-sdk/client-kms');
  const region = recipient.arn.split(':')[3] ?? '';
  const profile = recipient.profile === undefined ? {} : { profile: recipient.profile };
  const client = new library.KMSClient({ region, maxAttempts: 3, ...profile, ...(await assumed(recipient, region)) });
  return { client, library };
}

/** Credentials of the role that the file names, where it names one. */
async function assumed({ role }: AwsKms, region: string): Promise<object> {
  if (role === undefined) return {};
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const asked = new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'provisioning-secrets' });
  const { Credentials: got } = await sent(new STSClient({ region }).send(asked));
  const {
    AccessKeyId: accessKeyId = '',
    SecretAccessKey: secretAccessKey = '',
    SessionToken: sessionToken = '',
  } = got ?? {};
  return { credentials: { accessKeyId, secretAccessKey, sessionToken } };
}

/** An answer of AWS, or why there is none in our own words: its messages may quote what was sent. */
async function sent<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (DAMAGED.test(name)) throw damaged(SERVICE);
    if (REFUSED.test(name)) throw refused(SERVICE, 'check the credentials of AWS here, and the policy of the key');
    const known = /^(?:Disabled|KMSInvalidState|NotFound|KeyUnavailable|Throttling)/.test(name);
    throw unavailable(SERVICE, known ? `the key is not usable (${name})` : 'it does not answer');
  }
}
