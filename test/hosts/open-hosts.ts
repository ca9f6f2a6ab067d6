import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:net';
import { tarOf } from '../../providers/local/tar.ts';
import { generateKey } from './key.ts';
import { imageFor } from './image.ts';
import { openPodman, type Podman, runProgram } from './podman.ts';

/** What the hosts of a test shall be. */
export interface HostsWanted {
  /** Range of the network that is made for them, as `10.211.7.0/24`: every test file has one of its own. */
  readonly subnet: string;
  readonly image?: 'debian-12' | 'debian-13';
  /** `container-host` may run containers itself. */
  readonly profile?: 'standard' | 'container-host';
  readonly memoryMib?: number;
}

/** A Linux machine with systemd and sshd, known by its key before the first connection. */
export interface OpenHost {
  readonly name: string;
  readonly address: string;
  readonly port: 22;
  readonly user: 'root';
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
  /** The container, for `podman kill` and the like. */
  readonly container: string;
}

export interface OpenHosts extends AsyncDisposable {
  readonly hosts: readonly OpenHost[];
  /** Key that root of every host lets in: the file, and its content. */
  readonly identityFile: string;
  readonly identity: string;
  /** Known hosts of all of them, for a plain `ssh`. */
  readonly knownHostsFile: string;
  readonly podman: Podman;
  /** Runs a command on a host by the plain `ssh` of this machine. */
  ssh(host: OpenHost, command: string): Promise<string>;
  /** Removes the hosts and their network. */
  close(): Promise<void>;
}

const CAPS = 'SYS_ADMIN,NET_ADMIN,NET_RAW,SYS_PTRACE,SETFCAP,DAC_READ_SEARCH';
const PROFILES: { readonly [profile: string]: readonly string[] } = {
  standard: [`--cap-add=${CAPS}`],
  'container-host': [
    `--cap-add=${CAPS},MKNOD,SYS_CHROOT,AUDIT_WRITE`,
    '--security-opt=seccomp=unconfined',
    '--security-opt=unmask=all',
    '--device=/dev/fuse',
    '--device=/dev/net/tun',
    '--device-cgroup-rule=a *:* rwm',
    '--volume=/var/lib/containerd',
    '--volume=/var/lib/containers',
  ],
};

/** Longest time in milliseconds until sshd of a new host answers. */
const READY_MS = 60_000;

/** Starts real hosts for a test, ready to be reached over SSH. Close them at the end. */
export async function openHosts(count: number, wanted: HostsWanted): Promise<OpenHosts> {
  const podman = openPodman();
  const network = `provisioning-test-${randomBytes(4).toString('hex')}`;
  const image = await imageFor(podman, wanted.image ?? 'debian-12');
  const identityFile = join(podman.directory, 'identity');
  const { privateKey: identity, publicKey } = generateKey();
  writeFileSync(identityFile, identity, { mode: 0o600 });
  const started: OpenHost[] = [];
  const close = async (): Promise<void> => {
    const names = started.map(({ container }) => container);
    await podman.run(['rm', '--force', '--time=0', '--volumes', '--ignore', ...names]);
    await podman.run(['network', 'rm', '--force', network]);
    rmSync(podman.directory, { recursive: true, force: true });
  };
  await podman.run(['network', 'create', '--subnet', wanted.subnet, network]);
  try {
    const making = { podman, network, image, wanted, publicKey };
    const all = Array.from({ length: count }, (_, at) => at);
    for (const at of all) started.push(describeHost(making, at));
    const keys = await Promise.all(started.map(host => startHost(making, host)));
    const hosts = started.map((host, at) => ({ ...host, hostKey: keys[at] as string }));
    await Promise.all(hosts.map(({ address }) => answering(address)));
    const knownHostsFile = join(podman.directory, 'known_hosts');
    writeFileSync(knownHostsFile, hosts.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(''));
    const options = ['-i', identityFile, '-o', `UserKnownHostsFile=${knownHostsFile}`];
    const strict = ['-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes'];
    const ssh = (host: OpenHost, command: string): Promise<string> =>
      runProgram(['ssh', ...options, ...strict, `root@${host.address}`, command]);
    return { hosts, identityFile, identity, knownHostsFile, podman, ssh, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Making {
  readonly podman: Podman;
  readonly network: string;
  readonly image: string;
  readonly wanted: HostsWanted;
  readonly publicKey: string;
}

function describeHost({ network, wanted }: Making, at: number): OpenHost {
  const address = wanted.subnet.replace(/\d+\/\d+$/, String(11 + at));
  const name = `host${at + 1}`;
  return { name, address, port: 22, user: 'root', hostKey: '', container: `${network}-${name}` };
}

/** Creates the container, puts the keys into it, and starts it. Resolves with its public host key. */
async function startHost({ podman, network, image, wanted, publicKey }: Making, host: OpenHost): Promise<string> {
  const { container, name, address } = host;
  const own = generateKey();
  const place = [`--name=${container}`, `--hostname=${name}`, `--network=${network}:ip=${address},alias=${name}`];
  const limits = [`--memory=${wanted.memoryMib ?? 1_024}m`, '--label=provisioning.test=hosts'];
  const profile = PROFILES[wanted.profile ?? 'standard'] ?? [];
  await podman.run(['create', ...place, ...limits, '--systemd=always', ...profile, image, '/sbin/init']);
  const keys = tarOf([
    { path: '/etc/ssh/ssh_host_ed25519_key', text: own.privateKey, mode: 0o600 },
    { path: '/etc/ssh/ssh_host_ed25519_key.pub', text: `${own.publicKey}\n`, mode: 0o644 },
    { path: 'root/.ssh/authorized_keys', text: `${publicKey}\n`, mode: 0o600 },
  ]);
  await podman.run(['cp', '-', `${container}:/`], keys);
  await podman.run(['start', container]);
  return own.publicKey;
}

/** Resolves when sshd greets. */
async function answering(address: string): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (await greeted(address)) return;
  }
  throw new Error(`${address} did not answer in ${READY_MS} ms`);
}

function greeted(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port: 22, timeout: 1_000 });
    const end = (isGreeted: boolean) => (): void => {
      socket.destroy();
      resolve(isGreeted);
    };
    socket.once('data', end(true));
    socket.once('timeout', end(false));
    socket.once('error', () => setTimeout(end(false), 50));
  });
}
