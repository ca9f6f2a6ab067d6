import { createHash, createHmac } from 'node:crypto';
import { type FakeRequest, Refusal, type Settings } from './model.ts';

/** What was signed longer ago, or will be, is not accepted. */
const WINDOW_MS = 5 * 60_000;

/** Checks the signature of a request as AWS does (Signature Version 4), from what arrived and not from what was meant. */
export function assertSigned(request: FakeRequest, settings: Settings, now: number): void {
  const { credentials } = settings;
  if (credentials === null) return;
  const given = request.headers['authorization'] ?? '';
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, credential = '', names = '', signature = ''] = pattern.exec(given) ?? [];
  if (signature === '') throw new Refusal('MissingAuthenticationToken', 403);
  const [keyId, ...scope] = credential.split('/');
  if (keyId !== credentials.accessKeyId) throw new Refusal('AuthFailure', 401);
  const stamp = request.headers['x-amz-date'] ?? '';
  const signedMs = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(signedMs - now) <= WINDOW_MS)) throw new Refusal('RequestExpired');
  const [day, region] = scope;
  if (day !== stamp.slice(0, 8) || region !== settings.region) throw new Refusal('SignatureDoesNotMatch', 403);
  const headers = names.split(';').map(name => `${name}:${(request.headers[name] ?? '').trim()}\n`);
  const canonical = ['POST', request.path, '', headers.join(''), names, sha256(request.body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope.join('/'), sha256(canonical)].join('\n');
  let key = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  for (const part of scope) key = createHmac('sha256', key).update(part).digest();
  if (createHmac('sha256', key).update(toSign).digest('hex') !== signature)
    throw new Refusal('SignatureDoesNotMatch', 403);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
