import type { SecretPath } from '../secret.ts';
import { envFormat } from './env-format.ts';
import type { SopsFormat } from './format.ts';
import { iniFormat } from './ini-format.ts';
import { jsonFormat } from './json-format.ts';
import { yamlFormat } from './yaml-format.ts';

/** Folder of the secrets in a workspace, and the file in it that says for whom they are encrypted. */
export const SECRETS_FOLDER = 'secrets';
/** The creation rules of SOPS, beside the files that they are for. */
export const RULES_FILE = `${SECRETS_FOLDER}/.sops.yaml`;

const FORMATS: { readonly [ending: string]: SopsFormat } = {
  yaml: yamlFormat,
  yml: yamlFormat,
  json: jsonFormat,
  env: envFormat,
  ini: iniFormat,
};

/** What a file of secrets is called: `secrets/db.sops.yaml` holds the secrets below `db`. */
export interface SecretsFile {
  readonly file: string;
  readonly name: SecretPath;
  readonly format: SopsFormat;
  /** The whole file is one secret. */
  readonly isBinary: boolean;
}

/** The file of secrets at a path from the workspace folder; null where the path is no name of one. */
export function secretsFile(file: string): SecretsFile | null {
  const parts =
    /^secrets\/((?:[A-Za-z0-9_][A-Za-z0-9_.-]*\/)*[A-Za-z0-9_][A-Za-z0-9_-]*)\.sops\.([A-Za-z0-9]{1,16})$/.exec(file);
  if (parts?.[1] === undefined) return null;
  const format = FORMATS[parts[2] ?? ''];
  return { file, name: parts[1], format: format ?? jsonFormat, isBinary: format === undefined };
}
