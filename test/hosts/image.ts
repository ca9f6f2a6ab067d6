import { readFileSync } from 'node:fs';
import { mirrorIn } from '../../platform/containers/mirror.ts';
import { debstrapArguments, recipeFor } from '../../platform/containers/recipe.ts';
import { type Podman, runProgram } from './podman.ts';

/** The name of a built image, which is built first where it is missing. */
export async function imageFor(podman: Podman, name: string): Promise<string> {
  const recipe = recipeFor(name);
  if (recipe === undefined) throw new TypeError(`there is no recipe for ${name}`);
  const label = 'label=provisioning.recipe=' + recipe.hash;
  const [found] = (await podman.run(['images', '--quiet', '--filter', label])).split('\n');
  if (found !== undefined && found !== '') return found;
  const sources = readFileSync('/etc/apt/sources.list.d/debian.sources', 'utf8');
  const tar = `/dev/shm/provisioning-${recipe.hash}-${process.pid}.tar`;
  const args = debstrapArguments(recipe, mirrorIn(sources)).map(arg => (arg === '-' ? tar : arg));
  await runProgram(['mmdebstrap', ...args], { env: { ...process.env, TMPDIR: '/dev/shm' } });
  try {
    const changes = recipe.changes.flatMap(change => ['--change', change]);
    return (await podman.run(['import', '--quiet', ...changes, tar, recipe.reference])).trim();
  } finally {
    await runProgram(['rm', '-f', tar]);
  }
}
