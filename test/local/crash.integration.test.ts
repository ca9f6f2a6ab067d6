import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageFor } from '../hosts/image.ts';
import { openPodman } from '../hosts/podman.ts';
import { type LocalWorkspace, openLocalWorkspace } from './workspace.ts';

/** Where the program is killed: the engine took the creation of the host, and nobody read the answer. */
const KILLS = ['create.accepted:3'];

describe('a killed program', () => {
  let lab: LocalWorkspace;
  beforeAll(async () => {
    await imageFor(openPodman(), 'debian-12');
    lab = await openLocalWorkspace('crashlab');
    await lab.push(
      {
        'infra/main.yaml': `network:
  main: { ipRange: 10.211.48.0/20 }
subnet:
  hosts: { network: main, ipRange: 10.211.49.0/24 }
ssh-key:
  me: { publicKey: "${lab.publicKey}" }
server:
  web: { size: small, image: debian-12, subnet: hosts, sshKeys: [me] }
`,
      },
      'Describe the host',
    );
  });
  afterAll(() => lab.close());

  it.each(KILLS)('at %s leaves one of everything after the next apply, and nothing after destroy', async kill => {
    const test = { PROVISIONING_TEST: '1', PROVISIONING_FAILPOINT: `${kill}:kill` };
    const killed = await lab.run(['apply', '--auto-approve'], { environment: test });
    expect(killed.code).toBeNull();
    expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
    expect(await lab.run(['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 });
    expect(await lab.leftovers()).toHaveLength(3);
    expect((await lab.ssh('web', 'hostname')).trim()).toBe('web');
    expect(await lab.run(['destroy', '--auto-approve', '--allow-deletes', '4'])).toMatchObject({ code: 0 });
    expect(await lab.leftovers()).toEqual([]);
  });
});
