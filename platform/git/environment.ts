import { devNull } from 'node:os';

/** Variables of the operator that git needs to reach a remote, and that no workspace can set. */
const KEPT = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'SYSTEMROOT',
  'TMPDIR',
  'SSH_AUTH_SOCK',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
  'GIT_SSL_CAINFO',
] as const;

const FIXED = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
} as const;

/** The whole environment of every git process: ours and a few variables of the operator, nothing inherited by accident. */
export function gitEnvironment(outer: { readonly [name: string]: string | undefined }): { [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const name of KEPT) {
    const value = outer[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...FIXED };
}

/** Names in the environment that begin with `GIT_`: simple-git refuses what is not listed. */
export const GIT_VARIABLES: readonly string[] = [...KEPT, ...Object.keys(FIXED)].filter(name =>
  name.startsWith('GIT_'),
);

/** Settings for commands on this machine: whatever a repository's own configuration says, it starts no program. */
export const LOCAL_SETTINGS: readonly string[] = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'core.symlinks=false',
  'core.quotePath=false',
  'submodule.recurse=false',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap(setting => ['-c', setting]);

/** Configuration written into repositories of our own, where commands that talk to a remote run. */
export const OWN_SETTINGS: { readonly [name: string]: string } = {
  'core.hooksPath': devNull,
  'fetch.fsckObjects': 'true',
  'transfer.fsckObjects': 'true',
  'fetch.recurseSubmodules': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
};
