import { readFile, stat } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod } from 'ssh2';
import type { HostIdentity } from '../../schemas/host.ts';
import type { ProviderFault } from '../../schemas/provider.ts';
import { showText } from '../../schemas/problem.ts';
import type { Secrets } from '../../schemas/secret.ts';
import { refused } from './failure.ts';
import { fingerprint } from './pin.ts';

/** A way to log in, and how it is named to people. */
interface Proof {
  readonly said: string;
  method(user: string): AnyAuthMethod;
}

/** With what we log in: at least one way. */
export interface Identity {
  readonly said: string;
  methods(user: string): AnyAuthMethod[];
}

export interface IdentityParts {
  readonly secrets: Secrets;
  /** Socket of the SSH agent, where one runs. */
  readonly agent: string | undefined;
}

/** Used where nothing else is said. */
const OWN_KEY = 'env:PROVISIONING_SSH_KEY';

/** Finds key or agent. Throws ProviderFault `unauthenticated` that says what is missing, never a part of a key. */
export async function identityOf(wanted: HostIdentity | undefined, parts: IdentityParts): Promise<Identity> {
  const proofs: Proof[] = [];
  const reference = wanted === undefined ? OWN_KEY : wanted.key;
  if (reference !== 'agent') {
    const held = await parts.secrets(reference);
    if (held !== undefined && held !== '')
      proofs.push(await keyProof({ reference, held, passphrase: wanted?.passphrase }, parts.secrets));
    else if (wanted !== undefined) throw unable('no-key', `${reference} is not set, which should hold the SSH key`);
  }
  const { agent } = parts;
  if (agent !== undefined && agent !== '' && (wanted === undefined || wanted.key === 'agent'))
    proofs.push({ said: 'the keys of the SSH agent', method: username => ({ type: 'agent', username, agent }) });
  if (proofs.length === 0)
    throw unable('no-key', `there is no SSH key: start an agent (SSH_AUTH_SOCK) or set ${OWN_KEY.slice(4)}`);
  return {
    said: proofs.map(({ said }) => said).join(', then '),
    methods: user => proofs.map(({ method }) => method(user)),
  };
}

async function keyProof(
  {
    reference,
    held,
    passphrase: sealed,
  }: { readonly reference: string; readonly held: string; readonly passphrase: string | undefined },
  secrets: Secrets,
): Promise<Proof> {
  const key = held.includes('PRIVATE KEY-----') ? held : await keyFile(reference, held);
  const passphrase = sealed === undefined ? undefined : await secrets(sealed);
  if (sealed !== undefined && passphrase === undefined)
    throw unable('no-passphrase', `${sealed} is not set, which should hold the passphrase of the SSH key`);
  const found = ssh2.utils.parseKey(key, passphrase);
  if (found instanceof Error || !found.isPrivateKey()) {
    const locked = found instanceof Error && found.message.includes('no passphrase');
    const why = passphrase === undefined ? 'it cannot be read as one' : 'this passphrase does not open it';
    const shown = locked ? 'it has a passphrase: name it as `passphrase` under `ssh`' : why;
    throw unable('bad-key', `${reference} holds no usable SSH key: ${shown}`);
  }
  return {
    said: `the key ${fingerprint(found.getPublicSSH())} of ${reference}`,
    method: username => ({ type: 'publickey', username, key: found }),
  };
}

/** The key in a file that nobody else may read. */
async function keyFile(reference: string, path: string): Promise<string> {
  const named = `${reference} is neither a private key nor the path of a file that can be read`;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      const bits = (mode & 0o777).toString(8).padStart(4, '0');
      const shown = showText(path);
      throw unable('open-key', `others may read the SSH key ${shown} (mode ${bits}): chmod 600 ${shown}`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    // The system's message would repeat the value, which may be a damaged key.
    if (error instanceof Error && 'code' in error) throw unable('no-key', named);
    throw error;
  }
}

function unable(code: string, message: string): ProviderFault {
  return refused('unauthenticated', code, message);
}
