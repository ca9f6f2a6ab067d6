import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageFor } from '../hosts/image.ts';
import { openPodman } from '../hosts/podman.ts';
import { ENGINE, type LocalWorkspace, openLocalWorkspace } from './workspace.ts';

interface More {
  readonly size: string;
  readonly port: number;
  /** First boot of the second host: another one is another host. */
  readonly boot?: string;
  readonly volume?: string;
}

const infra = (key: string, { size, port, boot = 'true', volume = ', server: web-2' }: More): string => `network:
  main: { ipRange: 10.211.16.0/20 }
subnet:
  hosts: { network: main, ipRange: 10.211.17.0/24 }
ssh-key:
  me: { publicKey: "${key}" }
firewall:
  web: { rules: [{ direction: in, protocol: tcp, port: 22 }, { direction: in, protocol: tcp, port: ${port} }] }
server:
  web-1: { size: small, image: debian-12, subnet: hosts, sshKeys: [me], firewalls: [web], userData: "#!/bin/sh\\nhostname > /first-boot\\n" }
  web-2: { size: ${size}, image: debian-12, subnet: hosts, sshKeys: [me], userData: "#!/bin/sh\\n${boot}\\n" }
  web-3: { size: small, image: debian-12, subnet: hosts, sshKeys: [me] }
volume:
  data: { sizeGib: 1${volume} }
`;

/** The life of a workspace of hosts on this machine, each test going on where the former one ended. */
describe('hosts on this machine', () => {
  let lab: LocalWorkspace;
  beforeAll(async () => {
    if (ENGINE === 'podman') await imageFor(openPodman(), 'debian-12');
    lab = await openLocalWorkspace('lifelab');
  });
  afterAll(() => lab.close());

  const push = (size: string, port: number, more: Partial<More> = {}): Promise<void> =>
    lab.push({ 'infra/main.yaml': infra(lab.publicKey, { size, port, ...more }) }, 'Describe the hosts');
  const inSync = async (): Promise<void> => {
    const { code, printed } = await lab.run(['plan', '--detailed-exitcode']);
    expect({ code, printed }).toMatchObject({ code: 0 });
  };

  it('come from a pushed commit, run systemd and are known by the recorded key', async () => {
    await push('small', 80);
    const applied = await lab.run(['apply', '--auto-approve']);
    expect(applied).toMatchObject({ code: 0 });
    await inSync();
    expect((await lab.ssh('web-1', 'systemctl is-system-running --wait')).trim()).toBe('running');
    expect((await lab.ssh('web-1', 'cat /first-boot')).trim()).toBe('web-1');
    expect(await lab.ssh('web-1', 'nft list ruleset')).toContain('tcp dport 80 accept');
    expect(await lab.ssh('web-2', 'getent hosts web-3')).toMatch(/^10\.211\.17\.\d+ /);
  });

  it('give the key of a host to none of its processes', async () => {
    const seen = await lab.ssh('web-1', 'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr "\\0" "\\n"');
    expect(seen).not.toContain('PROVISIONING_BIRTH=');
    expect(seen).toContain('sshd');
  });

  it('change size and firewall while they run', async () => {
    const before = await lab.ssh('web-2', 'cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1');
    await push('medium', 8080);
    expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
    await inSync();
    expect(await lab.ssh('web-2', 'cat /proc/sys/kernel/random/boot_id; stat -c %Y /proc/1')).toBe(before);
    const rules = await lab.ssh('web-1', 'nft list ruleset; cat /etc/nftables.conf');
    expect(rules.match(/dport 8080 accept/g)).toHaveLength(2);
    expect(rules).not.toContain('dport 80 accept');
  });

  it('find their volume again after they were replaced and after they were started anew, until it is taken away', async () => {
    await lab.ssh('web-2', 'mountpoint /mnt/data && echo kept > /mnt/data/file && sync');
    await push('medium', 8080, { boot: 'touch /second' });
    expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
    await inSync();
    expect(await lab.ssh('web-2', 'ls /second; cat /mnt/data/file')).toBe('/second\nkept\n');
    const names = (await lab.engine('ps', '--format', '{{.Names}}')).split('\n');
    const [restarted = ''] = names.filter(name => name.startsWith('lifelab-web-2.'));
    await lab.engine('restart', restarted);
    expect(await lab.ssh('web-2', 'echo more >> /mnt/data/file; cat /mnt/data/file')).toBe('kept\nmore\n');
    await push('medium', 8080, { boot: 'touch /second', volume: '' });
    expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
    expect(await lab.ssh('web-2', 'mountpoint -q /mnt/data || echo away')).toBe('away\n');
    await inSync();
  });

  it('are made again when somebody removed them', async () => {
    const names = (await lab.engine('ps', '--format', '{{.Names}}')).split('\n');
    const [gone = ''] = names.filter(name => name.startsWith('lifelab-web-3.'));
    await lab.engine('rm', '--force', gone);
    const drift = await lab.run(['drift']);
    expect(drift.printed).toContain('server/web-3 is gone');
    expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
    await inSync();
    expect((await lab.ssh('web-3', 'hostname')).trim()).toBe('web-3');
  });

  it('are started again when somebody stopped them, with the limits they had', async () => {
    const names = (await lab.engine('ps', '--format', '{{.Names}}')).split('\n');
    const [stopped = ''] = names.filter(name => name.startsWith('lifelab-web-2.'));
    await lab.engine('stop', '--time=10', stopped);
    expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
    await inSync();
    expect((await lab.ssh('web-2', 'hostname')).trim()).toBe('web-2');
    // With Docker a host sees the control groups of the whole machine, and its own among them.
    const own = 'sed -n "s/^[0-9]*:memory:\\(.*\\)$/\\1/p" /proc/1/cgroup | sed "s/.init.scope$//"';
    const limits = [`memory/$(${own})/memory.limit_in_bytes`, 'memory/memory.limit_in_bytes', 'memory.max'];
    const limit = limits.map(file => `cat /sys/fs/cgroup/${file} 2>/dev/null`).join(' || ');
    expect((await lab.engine('exec', stopped, 'sh', '-c', limit)).trim()).toBe(String(1_024 * 2 ** 20));
  });

  it('leave nothing', async () => {
    expect(await lab.run(['destroy', '--auto-approve', '--allow-deletes', '8'])).toMatchObject({ code: 0 });
    expect(await lab.leftovers()).toEqual([]);
    expect(await lab.engine('volume', 'ls', '--filter', 'label=provisioning/of')).not.toContain('provisioning-labels');
  });
});
