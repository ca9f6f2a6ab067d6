import { appendFile, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OWN_SETTINGS } from './environment.ts';
import { gitFault } from './failure.ts';
import { runGit } from './spawn.ts';

/** Makes a bare repository with our settings, as a whole or not at all; another process may do the same at the same time. */
export async function createBare(directory: string, settings: { readonly [name: string]: string } = {}): Promise<void> {
  if (await isBare(directory)) return;
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(join(dirname(directory), 'new-'));
  const answer = await runGit(['init', '--quiet', '--bare', '--template=', '.'], { directory: fresh });
  if (answer.status !== 0) throw gitFault(answer.stderr, 'make a repository');
  await appendFile(join(fresh, 'config'), configText({ ...OWN_SETTINGS, ...settings }));
  try {
    await rename(fresh, directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!(await isBare(directory))) throw error;
  }
}

/** Settings as Git's configuration file spells them; ours have neither subsections nor anything to quote. */
function configText(settings: { readonly [name: string]: string }): string {
  const lines = Object.entries(settings).map(([name, value]) => {
    const [section, key] = name.split('.');
    return `[${section}]\n\t${key} = ${value}\n`;
  });
  return lines.join('');
}

async function isBare(directory: string): Promise<boolean> {
  return stat(join(directory, 'HEAD')).then(
    () => true,
    () => false,
  );
}
