import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

const MANIFESTS = '/etc/kubernetes/manifests';

/** A folder and a network of its own, in which the programs of a control plane run as they would in their pods. */
export interface Plane {
  /** Writes a file below the folder. */
  put(path: string, text: string): void;
  /** Content of a file below the folder. */
  text(path: string): string;
  /** Runs a program in it to its end, and gives what it printed. Throws what `execFileSync` throws. */
  run(argv: readonly string[], input?: string): string;
  /** Starts the programs that the manifests of kubeadm name, with the words that stand there. */
  start(): void;
  close(): void;
}

/** `addresses` are those of the node and of the API server. The programs are static ones. */
export function openPlane(programs: string, addresses: readonly string[]): Plane {
  const root = mkdtempSync(join(tmpdir(), 'provisioning-plane-'));
  for (const folder of ['bin', 'tmp']) mkdirSync(join(root, folder));
  for (const name of readdirSync(programs)) copyFileSync(join(programs, name), join(root, 'bin', name));
  const links = ['ip link set lo up', ...addresses.map(address => `ip address add ${address}/32 dev lo`)];
  const network = spawn('unshare', ['--net', 'sh', '-c', `${links.join(' && ')} && exec sleep infinity`]);
  const running: ChildProcess[] = [network];
  const within = (argv: readonly string[]): readonly string[] => [
    `--net=/proc/${network.pid}/ns/net`,
    'chroot',
    root,
    ...argv,
  ];
  const env = { PATH: '/bin:/usr/bin:/usr/sbin:/sbin', HOME: '/tmp' };
  const text = (path: string): string => readFileSync(join(root, path), 'utf8');
  return {
    text,
    put(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content, { mode: 0o600 });
    },
    run: (argv, input = '') =>
      execFileSync('nsenter', within(argv), { input, env, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }),
    start() {
      for (const file of readdirSync(join(root, MANIFESTS)).sort()) {
        const pod = parse(text(`${MANIFESTS}/${file}`)) as {
          readonly spec: { readonly containers: readonly [{ readonly command: readonly string[] }] };
        };
        running.push(spawn('nsenter', within(pod.spec.containers[0].command), { env, stdio: 'ignore' }));
      }
    },
    close() {
      for (const child of running.reverse()) child.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
    },
  };
}
