/**
 * What the GitHub action runs: the program with the inputs as arguments, then outputs and summary from its answer. Node 24
 * runs it as it is. Credentials reach the program by its environment and nothing else.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentsOf, environmentOf, modeOf, WrongInput } from './action/inputs.ts';
import { outcomeOf, outputLines } from './action/outcome.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Inputs of the action, which the program must not see. */
const INPUTS = [
  'MODE',
  'DIRECTORY',
  'WORKSPACE',
  'ENVIRONMENT',
  'BRANCH',
  'PULL',
  'VERSION',
  'ARGUMENTS',
  'CREDENTIALS',
];

async function main(): Promise<number> {
  const { env } = process;
  const mode = modeOf(env);
  checkVersion(env['VERSION'] ?? '');
  const credentials = environmentOf(env['CREDENTIALS'] ?? '');
  for (const value of Object.values(credentials)) if (value !== '') console.log(`::add-mask::${value}`);
  const inherited = Object.fromEntries(Object.entries(env).filter(([name]) => !INPUTS.includes(name)));
  const ended = await run(argumentsOf(env), { ...inherited, ...credentials });
  const outcome = outcomeOf(mode, ended);
  write(env['GITHUB_OUTPUT'], outputLines(outcome));
  write(env['GITHUB_STEP_SUMMARY'], outcome.summary);
  console.log(outcome.summary);
  return outcome.exitCode;
}

/** The version is that of the commit which the workflow names; the input only makes sure of it. */
function checkVersion(wanted: string): void {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  if (wanted !== '' && wanted.replace(/^v/, '') !== version)
    throw new WrongInput(`this commit of the action is version ${version}, not ${wanted}`);
}

function run(
  given: readonly string[],
  environment: { readonly [name: string]: string | undefined },
): Promise<{ readonly exitCode: number; readonly stdout: string }> {
  return new Promise((resolve, reject) => {
    const program = spawn(process.execPath, [join(root, 'dist/main.js'), ...given], {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    program.on('error', reject);
    // A cancelled run stops in order: what is in flight is recorded first.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => program.kill(signal));
    program.on('close', code => resolve({ exitCode: code ?? 1, stdout: Buffer.concat(chunks).toString('utf8') }));
  });
}

function write(path: string | undefined, text: string): void {
  if (path !== undefined && path !== '') appendFileSync(path, text);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof WrongInput)) throw error;
  console.error(`::error::${error.message}`);
  process.exitCode = 2;
}
