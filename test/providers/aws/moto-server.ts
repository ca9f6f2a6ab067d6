import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

const COMMAND = 'moto_server';

/** Whether moto, a model of AWS that others wrote, is installed. When it is not, that is said loudly. */
export function hasMoto(test: string): boolean {
  const isThere = spawnSync(COMMAND, ['--help'], { stdio: 'ignore' }).status === 0;
  if (!isThere) process.stderr.write(`SKIPPED: ${test} was not compared with moto, because ${COMMAND} is missing\n`);
  return isThere;
}

/** moto on a port of its own choice. */
export async function startMoto(): Promise<{ readonly url: string; stop(): void }> {
  const child: ChildProcess = spawn(COMMAND, ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.once('exit', code => reject(new Error(`${COMMAND} ended with ${code}: ${said}`)));
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString('utf8');
      const found = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { url, stop: () => void child.kill('SIGKILL') };
}
