import { readdirSync, readFileSync } from 'node:fs';

/** Command lines and environments of processes, looked at again and again. */
export interface Watch {
  /** Everything that was seen since the last call, and of how many processes. */
  taken(): { readonly bytes: Buffer; readonly processes: number };
  end(): void;
}

const EVERY_MS = 25;
/** A process shows what it was started with soon, and changes it seldom: after as many looks, only each so manieth. */
const YOUNG = 12;
const SELDOM = 40;

/** Looks at every process of this machine that started after this call, and so also at those inside containers. */
export function watchProcesses(): Watch {
  const before = new Set(pids());
  const looks = new Map<string, number>();
  const seen = new Set<string>();
  const met = new Set<string>();
  const look = (): void => {
    const now = pids();
    for (const pid of now) {
      if (before.has(pid)) continue;
      const count = (looks.get(pid) ?? 0) + 1;
      looks.set(pid, count);
      if (count > YOUNG && count % SELDOM !== 0) continue;
      met.add(pid);
      for (const file of ['cmdline', 'environ']) {
        const text = read(`/proc/${pid}/${file}`);
        if (text !== '') seen.add(text);
      }
    }
    const alive = new Set(now);
    for (const pid of looks.keys()) if (!alive.has(pid)) looks.delete(pid);
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    taken() {
      look();
      const answer = { bytes: Buffer.from([...seen].join('\n'), 'latin1'), processes: met.size };
      seen.clear();
      met.clear();
      looks.clear();
      return answer;
    },
    end: () => clearInterval(timer),
  };
}

function pids(): readonly string[] {
  return readdirSync('/proc').filter(name => name.charCodeAt(0) < 58);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
