import { createHash, createHmac } from 'node:crypto';

/** What signs a request. They are kept apart from the client library, which never gets to see them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** A form that is sent with POST to `/`, as EC2, ELB and STS take it. */
export interface Signable {
  readonly service: 'ec2' | 'elasticloadbalancing' | 'sts';
  readonly region: string;
  readonly url: string;
  readonly body: string;
  /** Milliseconds since 1970 by the clock of AWS. */
  readonly atMs: number;
}

const TYPE = 'application/x-www-form-urlencoded';

/** The headers of a signed request (AWS Signature Version 4). */
export function signedHeaders(credentials: Credentials, request: Signable): { readonly [name: string]: string } {
  const { host, pathname } = new URL(request.url);
  const stamp = `${new Date(request.atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const token = credentials.sessionToken;
  const headers: { readonly [name: string]: string } = {
    'content-type': TYPE,
    host,
    'x-amz-date': stamp,
    ...(token === undefined ? {} : { 'x-amz-security-token': token }),
  };
  const names = Object.keys(headers).sort().join(';');
  const lines = Object.keys(headers)
    .sort()
    .map(name => `${name}:${headers[name]}\n`)
    .join('');
  const canonical = ['POST', pathname, '', lines, names, sha256(request.body)].join('\n');
  const scope = `${stamp.slice(0, 8)}/${request.region}/${request.service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n');
  const signature = hmac(signingKey(credentials, scope), text).toString('hex');
  const credential = `${credentials.accessKeyId}/${scope}`;
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function signingKey(credentials: Credentials, scope: string): Buffer {
  let key: Buffer = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  for (const part of scope.split('/')) key = hmac(key, part);
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
