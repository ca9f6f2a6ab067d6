import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../hosts/podman.ts';
import type { Origin } from './origin.ts';
import type { OriginProof } from './releases.ts';

const NUSHELL = '0.115.1';

/** Services whose real program can be had here: from Debian, from the npm registry, or because it is this one. */
export async function realProofs(origin: Origin): Promise<readonly OriginProof[]> {
  const folder = mkdtempSync(join(tmpdir(), 'provisioning-real-'));
  try {
    await runProgram(['npm', 'pack', '--silent', `--pack-destination=${folder}`, `@nushell/linux-x64@${NUSHELL}`]);
    const [tarball = ''] = readdirSync(folder);
    await runProgram(['tar', '-xf', join(folder, tarball), '-C', folder]);
    const nu = join(folder, 'package', 'bin', 'nu');
    const nushell = await origin.archive('nushell.tar.gz', {
      [`nu-${NUSHELL}-x86_64-unknown-linux-gnu/nu`]: { path: nu },
    });
    const pinned = { version: NUSHELL, ...nushell };
    return [
      {
        service: 'kms',
        parameters: {},
        changed: { port: 9999 },
        proven: 'used',
        note: 'tang: a text encrypted, and decrypted with its help',
      },
      {
        service: 'nushell',
        parameters: pinned,
        changed: { ...pinned, users: ['games'] },
        proven: 'used',
        note: 'the real program, from its npm package, in an archive like that of upstream',
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
