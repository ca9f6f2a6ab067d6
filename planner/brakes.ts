import type { Address } from '../schemas/name.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import type { Scene } from './scene.ts';
import { sortedUnique } from './sort.ts';

/** Error findings against destroying what is protected, or more than anybody acknowledged. */
export function brakes(scene: Scene, changes: readonly Change[]): Finding[] {
  return [...protections(scene, changes), ...massDeletion(scene, changes)];
}

/** Deletions that leave nothing in their place. Leftovers of earlier replacements were acknowledged with those. */
function destructions(changes: readonly Change[]): Change[] {
  const replaced = new Set(changes.map(change => change.replaces));
  return changes.filter(change => change.action === 'delete' && !replaced.has(change.key) && !change.key.includes('#'));
}

function protections(scene: Scene, changes: readonly Change[]): Finding[] {
  const findings: Finding[] = [];
  const replacing = new Map(changes.map(change => [change.replaces, change.address]));
  for (const change of changes) {
    if (change.action !== 'delete' || change.key.includes('#')) continue;
    const address: Address = replacing.get(change.key) ?? change.address;
    const described = scene.described.get(address)?.protect === true;
    if (change.protect !== true && !described) continue;
    const verb = replacing.has(change.key) ? 'replaced' : 'deleted';
    const at = scene.place(address, ['protect']) ?? scene.place(address);
    findings.push({
      level: 'error',
      id: 'PR-PROTECTED',
      address,
      what: `${address} is protected and would be ${verb}`,
      why: change.why,
      fix: described
        ? 'remove `protect: true` from it and apply that first, or undo what asks for this'
        : scene.described.has(address)
          ? 'it is still recorded as protected: apply the removal of `protect` on its own first'
          : 'put it back into the files without `protect: true`, apply, and remove it then',
      ...(at === undefined ? {} : { at }),
    });
  }
  return findings;
}

function massDeletion(scene: Scene, changes: readonly Change[]): Finding[] {
  const { options, loaded, recorded } = scene.input;
  const doomed = destructions(changes);
  const number = doomed.length;
  const { deletePercent } = loaded.workspace.settings.limits;
  const objects = [...recorded.objects.values()].filter(object => object.key === object.address).length;
  const emptied = scene.described.size === 0 && !options.destroy && number > 0;
  const many = number > 3 && number * 100 > deletePercent * objects;
  if (options.allowDeletes === number || !(emptied || many)) return [];
  const acknowledged = options.allowDeletes === null ? '' : `; ${options.allowDeletes} were acknowledged`;
  const findings: Finding[] = [];
  if (emptied) {
    findings.push({
      level: 'error',
      id: 'PR-EMPTY',
      what: `the files describe nothing, but ${objects === 1 ? '1 object is' : `${objects} objects are`} recorded`,
      why: 'an empty folder is more often a mistake than a wish to delete everything',
      fix: `check the branch and the folder; if everything shall go: --allow-deletes ${number}`,
    });
  }
  if (many || !emptied) {
    const addresses = sortedUnique(doomed.map(change => change.address));
    const shown = addresses.slice(0, 5).join(', ') + (addresses.length > 5 ? ' and more' : '');
    findings.push({
      level: 'error',
      id: 'PR-MASS-DELETE',
      what: `this deletes ${number} of ${objects} objects${acknowledged}: ${shown}`,
      why: `more than 3 and more than ${deletePercent} % need their own acknowledgement`,
      fix: `--allow-deletes ${number}`,
    });
  }
  return findings;
}
