import { Fault } from '../../schemas/fault.ts';
import type { GitHeader, GitObject } from '../../schemas/git.ts';
import { gitTimeout } from './failure.ts';
import { openReplies, type Reply, unreadable } from './objects.ts';
import { LOCAL_MS, missing, startGit, stderrOf } from './spawn.ts';

/** How long a reader that nobody asks is kept: the steps of one pass ask again at once, and a resting server keeps none. */
const IDLE_MS = 300;

type Ask = 'contents' | 'info';

/** Reads objects of one repository. */
export interface ObjectReader {
  contents(names: readonly string[]): Promise<readonly (GitObject | null)[]>;
  headers(names: readonly string[]): Promise<readonly (GitHeader | null)[]>;
}

/**
 * One `git cat-file` for each repository, which stays while it is asked: to start one takes longer than most answers.
 * It sees commits and refs that arrive while it runs.
 */
export function objectReaders(): (directory: string) => ObjectReader {
  const residents = new Map<string, Resident>();
  const ask = async (directory: string, names: readonly string[], what: Ask): Promise<readonly Reply[]> => {
    if (names.length === 0) return [];
    const odd = names.find(name => name.includes('\n'));
    if (odd !== undefined) throw unreadable(odd);
    const kept = residents.get(directory);
    if (kept === undefined) return fresh(directory).ask(names, what);
    // One that stayed may have been killed in the meantime, which says nothing about the objects.
    return kept.ask(names, what).catch((error: unknown) => {
      if (error instanceof Fault && error.code === 'integrity') return fresh(directory).ask(names, what);
      throw error;
    });
  };
  const fresh = (directory: string): Resident => {
    const resident = startResident(directory, () => {
      if (residents.get(directory) === resident) residents.delete(directory);
    });
    residents.set(directory, resident);
    return resident;
  };
  return directory => ({
    contents: async names => (await ask(directory, names, 'contents')).map(reply => reply.object),
    headers: async names => (await ask(directory, names, 'info')).map(reply => reply.header),
  });
}

interface Resident {
  ask(names: readonly string[], what: Ask): Promise<readonly Reply[]>;
}

interface Question {
  readonly names: readonly string[];
  readonly what: Ask;
  readonly replies: Reply[];
  readonly resolve: (replies: readonly Reply[]) => void;
  readonly reject: (error: unknown) => void;
}

function startResident(directory: string, gone: () => void): Resident {
  const child = startGit(['cat-file', '--batch-command', '--buffer'], { directory });
  const stderr = stderrOf(child);
  const replies = openReplies();
  const waiting: Question[] = [];
  let timer: NodeJS.Timeout | undefined;
  const end = (error: unknown): void => {
    clearTimeout(timer);
    gone();
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const rest = (): void => {
    clearTimeout(timer);
    const [question] = waiting;
    if (question === undefined) timer = setTimeout(() => (gone(), child.stdin.end()), IDLE_MS);
    else timer = setTimeout(() => (end(gitTimeout('cat-file', LOCAL_MS)), child.kill('SIGKILL')), LOCAL_MS);
  };
  const settle = (): void => {
    for (let question = waiting[0]; question !== undefined; question = waiting[0]) {
      while (question.replies.length < question.names.length) {
        const reply = replies.next(question.what === 'contents');
        if (reply === null) return;
        question.replies.push(reply);
      }
      waiting.shift();
      question.resolve(question.replies);
      rest();
    }
  };
  child.once('error', error => end(missing(error)));
  child.once('close', () => {
    const [question] = waiting;
    end(unreadable(/\b[0-9a-f]{40}\b/.exec(stderr())?.[0] ?? question?.names[question.replies.length] ?? ''));
  });
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => {
    replies.add(chunk);
    try {
      settle();
    } catch (error) {
      end(error);
      child.kill('SIGKILL');
    }
  });
  return {
    ask: (names, what) =>
      new Promise((resolve, reject) => {
        waiting.push({ names, what, replies: [], resolve, reject });
        if (waiting.length === 1) rest();
        child.stdin.write(`${names.map(name => `${what} ${name}\n`).join('')}flush\n`);
      }),
  };
}
