import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a served request is answered with. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A key service on loopback that we wrote from its public API, because no registry carries the real one. */
export interface KeyServer {
  readonly url: string;
  readonly token: string;
  /** Requests that came, by path. */
  readonly asked: string[];
  /** Answers everything with this status; null ends that. */
  fail(status: number | null): void;
  close(): Promise<void>;
}

type Body = { readonly [field: string]: unknown };

async function serve(answer: (path: string, body: Body, token: string) => Answer): Promise<KeyServer> {
  const asked: string[] = [];
  let failing: number | null = null;
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = request.url ?? '';
      asked.push(path);
      const token = String(request.headers['x-vault-token'] ?? request.headers.authorization ?? '');
      const text = Buffer.concat(parts).toString('utf8');
      const { status, body } =
        failing === null
          ? answer(path, text === '' ? {} : (JSON.parse(text) as Body), token)
          : { status: failing, body: { errors: ['down'] } };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token: 'test-token-of-a-service',
    asked,
    fail: status => void (failing = status),
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}

function seal(key: Buffer, bytes: Buffer): readonly [data: Buffer, iv: Buffer, tag: Buffer] {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  return [Buffer.concat([cipher.update(bytes), cipher.final()]), iv, cipher.getAuthTag()];
}

function open(key: Buffer, data: Buffer, iv: Buffer, tag: Buffer): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(tag);
    return Buffer.concat([decipher.update(data), decipher.final()]);
  } catch {
    return null;
  }
}

/** The transit engine: `POST /v1/transit/{encrypt,decrypt}/<key>`, ciphertexts `vault:v1:...`. */
export function startTransit(): Promise<KeyServer> {
  const key = randomBytes(32);
  return serve((path, body, token) => {
    if (token !== 'test-token-of-a-service') return { status: 403, body: { errors: ['permission denied'] } };
    if (path === '/v1/transit/encrypt/main') {
      const [data, iv, tag] = seal(key, Buffer.from(String(body['plaintext']), 'base64'));
      return {
        status: 200,
        body: { data: { ciphertext: `vault:v1:${Buffer.concat([iv, tag, data]).toString('base64')}` } },
      };
    }
    if (path === '/v1/transit/decrypt/main') {
      const bytes = Buffer.from(String(body['ciphertext']).replace(/^vault:v1:/, ''), 'base64');
      const plain = open(key, bytes.subarray(28), bytes.subarray(0, 12), bytes.subarray(12, 28));
      if (plain === null) return { status: 400, body: { errors: ['cipher: message authentication failed'] } };
      return { status: 200, body: { data: { plaintext: plain.toString('base64') } } };
    }
    return { status: 404, body: { errors: [] } };
  });
}

/** KMIP 2.1 as JSON at `POST /kmip/2_1`: Encrypt and Decrypt with one symmetric key. */
export function startCosmian(): Promise<KeyServer> {
  const key = randomBytes(32);
  return serve((_path, body, token) => {
    if (token !== 'Bearer test-token-of-a-service') return { status: 401, body: {} };
    const parts = new Map(
      (body['value'] as readonly { tag: string; value: string }[]).map(part => [part.tag, part.value]),
    );
    const bytes = (tag: string): Buffer => Buffer.from(parts.get(tag) ?? '', 'hex');
    const part = (tag: string, value: Buffer): Body => ({
      tag,
      type: 'ByteString',
      value: value.toString('hex').toUpperCase(),
    });
    const reply = (tag: string, ...value: readonly Body[]): Answer => ({
      status: 200,
      body: { tag, type: 'Structure', value },
    });
    if (parts.get('UniqueIdentifier') !== 'main') return { status: 404, body: {} };
    if (body['tag'] === 'Encrypt') {
      const [data, iv, tag] = seal(key, bytes('Data'));
      return reply(
        'EncryptResponse',
        part('Data', data),
        part('IVCounterNonce', iv),
        part('AuthenticatedEncryptionTag', tag),
      );
    }
    const plain = open(key, bytes('Data'), bytes('IVCounterNonce'), bytes('AuthenticatedEncryptionTag'));
    return plain === null ? { status: 422, body: {} } : reply('DecryptResponse', part('Data', plain));
  });
}
