import { describe, expect, it } from 'vitest';
import { mirrorIn } from '../../../platform/containers/mirror.ts';
import { debstrapArguments, recipeFor } from '../../../platform/containers/recipe.ts';
import { containersConf, type MachineFacts, runtimeFor } from '../../../platform/containers/settings.ts';

const FACTS: MachineFacts = { cgroup: 'hybrid', files: 20_000, processes: 96_364, hasSystemd: false };

describe('settings of our own podman', () => {
  it('choose the runtime that starts something there', () => {
    expect((['v1', 'hybrid', 'v2'] as const).map(cgroup => runtimeFor({ ...FACTS, cgroup }))).toEqual([
      'runc',
      'runc',
      'crun',
    ]);
  });

  it('ask for no more than this process may give', () => {
    expect(containersConf(FACTS)).toContain('["nofile=16384:16384", "nproc=32768:32768"]');
    expect(containersConf({ ...FACTS, files: 4_096, processes: 1_000 })).toContain(
      '["nofile=4096:4096", "nproc=1000:1000"]',
    );
    expect(containersConf(FACTS)).toContain('cgroup_manager = "cgroupfs"');
    expect(containersConf({ ...FACTS, hasSystemd: true })).toContain('cgroup_manager = "systemd"');
  });
});

describe('a recipe', () => {
  it('takes packages from where the machine has its own', () => {
    const sources = 'Types: deb\nURIs: http://mirror.example/debian/\n\nURIs: http://mirror.example/debian-security\n';
    const mirror = mirrorIn(sources);
    expect(mirror).toEqual({
      archive: 'http://mirror.example/debian',
      security: 'http://mirror.example/debian-security',
    });
    const recipe = recipeFor('debian-13');
    if (recipe === undefined) throw new Error('no recipe');
    const args = debstrapArguments(recipe, mirror);
    expect(args.slice(-5)).toEqual([
      'trixie',
      '-',
      'deb http://mirror.example/debian trixie main',
      'deb http://mirror.example/debian trixie-updates main',
      'deb http://mirror.example/debian-security trixie-security main',
    ]);
  });

  it('has one hash for each image, and none for a name that is no image', () => {
    expect(recipeFor('debian-12')?.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(recipeFor('debian-12')?.hash).not.toBe(recipeFor('debian-13')?.hash);
    expect(recipeFor('constructor')).toBeUndefined();
  });
});
