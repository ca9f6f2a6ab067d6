/** What the action can be asked for. */
export const MODES = ['plan', 'apply', 'drift'] as const;
export type Mode = (typeof MODES)[number];

/** A wrong input of the action, in words for the person who wrote the workflow. */
export class WrongInput extends Error {}

/** The environment of the step, where the action puts its inputs: they never become text of a script. */
export interface Given {
  readonly [name: string]: string | undefined;
}

/** Inputs that only some modes take. */
const TAKEN: { readonly [mode in Mode]: readonly string[] } = {
  plan: [],
  apply: ['WORKSPACE', 'ENVIRONMENT'],
  drift: ['ENVIRONMENT'],
};
const FLAG = /^--[a-z][a-z-]*(?:=[^\p{Cc}]*)?$/u;
/** Flags that the action gives itself. */
const OWN = ['--json', '--once', '--watch', '--pull', '--detailed-exitcode', '--directory', '--branch', '--env'];

export function modeOf({ MODE: mode }: Given): Mode {
  const known = MODES.find(one => one === mode);
  if (known === undefined) throw new WrongInput(`mode must be one of ${MODES.join(', ')}`);
  return known;
}

/** The program's arguments. Each value is one argument, with its flag by `=`, so that none can be read as another flag. */
export function argumentsOf(given: Given): readonly string[] {
  const mode = modeOf(given);
  for (const name of ['WORKSPACE', 'ENVIRONMENT']) {
    if (set(given[name]) && !TAKEN[mode].includes(name))
      throw new WrongInput(`${name.toLowerCase()} has no meaning in mode ${mode}`);
  }
  const directory = `--directory=${set(given['DIRECTORY']) ? given['DIRECTORY'] : '.'}`;
  const further = furtherOf(given['ARGUMENTS'] ?? '');
  if (mode === 'drift')
    return [
      'drift',
      'show',
      directory,
      ...flag('env', given['ENVIRONMENT']),
      ...further,
      '--detailed-exitcode',
      '--json',
    ];
  if (mode === 'plan') {
    const pull = given['PULL'] ?? '';
    if (!/^[1-9]\d{0,8}$/.test(pull)) throw new WrongInput('mode plan needs the number of a pull request');
    return ['review', 'run', directory, ...flag('branch', branchOf(given)), `--pull=${pull}`, ...further, '--json'];
  }
  return [
    'reconcile',
    'run',
    directory,
    ...flag('branch', branchOf(given)),
    ...flag('workspace', given['WORKSPACE']),
    ...flag('env', given['ENVIRONMENT']),
    '--wait=600',
    ...further,
    '--once',
    '--json',
  ];
}

/** The branch that is desired: as it was given, else the one that the pull request goes to, or that was pushed. */
function branchOf({ BRANCH, GITHUB_BASE_REF, GITHUB_REF_NAME, GITHUB_REF_TYPE }: Given): string | undefined {
  if (set(BRANCH)) return BRANCH;
  if (set(GITHUB_BASE_REF)) return GITHUB_BASE_REF;
  return GITHUB_REF_TYPE === 'branch' && !/^\d+\/merge$/.test(GITHUB_REF_NAME ?? '') ? GITHUB_REF_NAME : undefined;
}

function flag(name: string, value: string | undefined): readonly string[] {
  return set(value) ? [`--${name}=${value}`] : [];
}

function set(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

/** Further flags, one for each line, as `--flag` or `--flag=value`. No shell sees them. */
function furtherOf(text: string): readonly string[] {
  const lines = text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '');
  for (const [index, line] of lines.entries()) {
    if (!FLAG.test(line)) throw new WrongInput(`line ${index + 1} of arguments is not --flag or --flag=value`);
    const name = line.split('=')[0] as string;
    if (OWN.includes(name)) throw new WrongInput(`${name} is set by the action`);
  }
  return lines;
}

/** Credentials as lines `NAME=value`, for the environment of the program alone. */
export function environmentOf(text: string): { readonly [name: string]: string } {
  const environment: { [name: string]: string } = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new WrongInput(`line ${index + 1} of credentials is not NAME=value`);
    if (/^(?:PATH|HOME|NODE_.*|GIT_.*|GITHUB_(?!TOKEN$|APP_|API_URL$).*|RUNNER_.*|LD_.*|BASH_.*)$/.test(name))
      throw new WrongInput(`${name} is no credential`);
    environment[name] = value;
  }
  return environment;
}
