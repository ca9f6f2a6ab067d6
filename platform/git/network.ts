import type { GitAnswer, GitNetworkCall } from '../../schemas/git.ts';
import { admitAddress } from './address.ts';
import { GIT_VARIABLES, gitEnvironment } from './environment.ts';
import { gitFault, gitTimeout } from './failure.ts';

/** Longest silence of a remote. */
const SILENCE_MS = 60_000;

/** Says how to sign in to a remote: user name and password, or nothing where git's own ways do. */
export type GitCredential = (
  remote: string,
) => Promise<{ readonly username: string; readonly password: string } | null>;

/**
 * The sign-in as configuration in the environment of one git process, for one host: it stands in no argument that other
 * users of the machine could list, in no file, and goes to no other host.
 */
function signIn(remote: string, known: Awaited<ReturnType<GitCredential>>): { readonly [name: string]: string } {
  if (known === null || !/^https?:/.test(remote)) return {};
  const secret = Buffer.from(`${known.username}:${known.password}`).toString('base64');
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(remote).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${secret}`,
  };
}

/**
 * Runs fetch, push or ls-remote through simple-git, whose own guards against dangerous options and protocols stand behind
 * ours. A push that the remote refused is an answer; every other failure is a Fault that says which one.
 */
export async function runNetwork(call: GitNetworkCall, credential: GitCredential): Promise<GitAnswer> {
  const remote = admitAddress(call.remote);
  // Loaded here, because half of all commands ask no remote.
  const { simpleGit } = await import('simple-git');
  const signedIn = signIn(remote, await credential(remote));
  const timeoutMs = call.timeoutMs ?? SILENCE_MS;
  let answer: GitAnswer | null = null;
  const git = simpleGit({
    baseDir: call.directory,
    timeout: { block: timeoutMs },
    allowEnvironment: [...GIT_VARIABLES, ...Object.keys(signedIn)],
    // The environment is ours, not the caller's: it only takes configuration away.
    unsafe: {
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
    },
    errors(error, result) {
      answer = {
        status: result.exitCode,
        stdout: Buffer.concat(result.stdOut),
        stderr: Buffer.concat(result.stdErr).toString('utf8'),
      };
      // A status other than 0 is judged below; what remains an error is a git that could not run to its end.
      return error instanceof Error && isTimeout(error) ? error : undefined;
    },
  }).env({ ...gitEnvironment(process.env), ...signedIn });
  try {
    await git.raw([call.command, ...(call.options ?? []), '--', remote, ...(call.refs ?? [])]);
  } catch (error) {
    if (error instanceof Error && isTimeout(error)) throw gitTimeout(call.command, timeoutMs);
    throw gitFault('', call.command);
  }
  if (answer === null) throw gitFault('', call.command);
  return settled(answer, call);
}

function isTimeout(error: Error): boolean {
  return error.message.includes('block timeout');
}

function settled(answer: GitAnswer, call: GitNetworkCall): GitAnswer {
  if (answer.status === 0) return answer;
  const refused = call.command === 'push' && /^!\t/m.test(Buffer.from(answer.stdout).toString('utf8'));
  if (refused) return answer;
  throw gitFault(answer.stderr, call.command);
}
