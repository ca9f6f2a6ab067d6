import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Fault } from '../../schemas/fault.ts';

/** How this program signs in: with a token, or as a GitHub App, which gets a new token every hour. `privateKey` is PEM text. */
export type GithubCredential =
  | { readonly token: string }
  | { readonly appId: string; readonly privateKey: string; readonly installationId?: number };

type Environment = { readonly [name: string]: string | undefined };

const FIX =
  'set GITHUB_TOKEN, or GITHUB_APP_ID with GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE (and GITHUB_APP_INSTALLATION_ID)';

/**
 * The credential that the environment holds. An App comes first, because its variables are set on purpose while many machines
 * set GITHUB_TOKEN. Throws Fault `denied` when there is none, and `usage` when what is there cannot be used. No message holds a value.
 */
export async function credentialFrom(environment: Environment): Promise<GithubCredential> {
  const value = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const appId = value('GITHUB_APP_ID');
  const keyText = value('GITHUB_APP_PRIVATE_KEY');
  const keyFile = value('GITHUB_APP_PRIVATE_KEY_FILE');
  if (appId !== undefined || keyText !== undefined || keyFile !== undefined) {
    if (appId === undefined) throw wrong('there is the private key of a GitHub App, but not its number', FIX);
    const privateKey = keyText ?? (await readKey(keyFile));
    const installation = value('GITHUB_APP_INSTALLATION_ID');
    if (installation === undefined) return admitCredential({ appId, privateKey });
    return admitCredential({ appId, privateKey, installationId: Number(installation) });
  }
  const token = value('PROVISIONING_GITHUB_TOKEN') ?? value('GITHUB_TOKEN');
  if (token !== undefined) return admitCredential({ token });
  throw new Fault('denied', { id: 'GH-CREDENTIAL', what: 'there is no credential for GitHub', fix: FIX });
}

/** The same credential with its key in the one format that signing takes. Throws Fault `usage` when it cannot be one. */
export function admitCredential(credential: GithubCredential): GithubCredential {
  if ('token' in credential) {
    if (/^[\x21-\x7e]+$/.test(credential.token)) return credential;
    throw wrong('the token for GitHub holds white space or other characters that no token has');
  }
  const { appId, privateKey, installationId } = credential;
  if (!/^[A-Za-z0-9.]+$/.test(appId)) throw wrong('the number of the GitHub App is not one', 'see its settings page');
  if (installationId !== undefined && !(Number.isSafeInteger(installationId) && installationId > 0))
    throw wrong('the installation number of the GitHub App is not a number', 'leave it out: it is found by itself');
  return { ...credential, privateKey: admitKey(privateKey) };
}

async function readKey(path: string | undefined): Promise<string> {
  if (path === undefined) throw wrong('there is the number of a GitHub App, but not its private key', FIX);
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw wrong('the file in GITHUB_APP_PRIVATE_KEY_FILE cannot be read', 'check the path and its permissions');
  }
}

/** Environment files often hold the key in one line with `\n` for its line ends. */
function admitKey(text: string): string {
  const fix = 'make a new private key on the settings page of the App and use its whole text';
  try {
    const key = createPrivateKey(text.replaceAll('\\n', '\n'));
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw wrong('the private key of the GitHub App cannot be read', fix);
  }
  throw wrong('the private key of the GitHub App is not an RSA key', fix);
}

function wrong(what: string, fix?: string): Fault {
  return new Fault('usage', { id: 'GH-CREDENTIAL', what, ...(fix === undefined ? {} : { fix }) });
}

/** Whether the environment holds anything to sign in with. */
export function hasCredential(environment: Environment): boolean {
  const names = ['GITHUB_APP_ID', 'PROVISIONING_GITHUB_TOKEN', 'GITHUB_TOKEN'];
  return names.some(name => (environment[name]?.trim() ?? '') !== '');
}
