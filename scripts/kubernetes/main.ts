// A control plane of Kubernetes by its real programs, from what the service `kubernetes` writes on a host: `npx tsx scripts/kubernetes/main.ts FOLDER`
// as root, where FOLDER holds what `build.sh` built. No kubelet runs: the programs run as processes, with the words that kubeadm wrote for their pods.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Json } from '../../schemas/json.ts';
import { kubernetes } from '../../taskservs/kubernetes/index.ts';
import { newAuthorities } from './authorities.ts';
import { openPlane } from './plane.ts';

const [NODE, API] = ['10.0.1.11', '10.0.1.100'];
const TOKEN = 'abcdef.0123456789abcdef';
const SECRET = 'correct-horse-battery-staple';
const CONFIG = '/etc/kubernetes/kubeadm.yaml';
const DISCOVERY = '/etc/kubernetes/discovery.yaml';
const PKI = '/etc/kubernetes/pki';
const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnot asked here\n-----END PGP PUBLIC KEY BLOCK-----\n';

const programs = join(process.argv[2] ?? '.', 'bin');
const version = execFileSync(join(programs, 'kubeadm'), ['version', '-o', 'short'], { encoding: 'utf8' }).trim();
const pki = newAuthorities();
const plane = openPlane(programs, [NODE, API]);
try {
  const first = accepted();
  prepared();
  plane.start();
  await ready();
  admission(first);
  secrets();
  await work();
  console.log(`Kubernetes ${version}: a control plane from what the service writes`);
} finally {
  plane.close();
}

/** What the service writes on a node. */
function filesOf(role: { readonly [field: string]: Json }): ReadonlyMap<string, string> {
  const given = { version: version.slice(1), repository: { key: KEY }, endpoint: { host: API }, joinToken: TOKEN };
  const place = { server: 'cp-1', address: NODE, architecture: 'amd64', codename: 'bookworm' } as const;
  const items = kubernetes.want({ ...given, ...role }, place);
  return new Map(items.flatMap(item => (item.is === 'file' ? [[item.path, item.text] as const] : [])));
}

/** kubeadm judges the files of every role; those of the first control plane are left in place, and given back. */
function accepted(): ReadonlyMap<string, string> {
  const plain = { role: 'control-plane', pki, encryptionKey: Buffer.alloc(32, 7).toString('base64') };
  const worker = filesOf({ role: 'worker', pki: { certificate: pki.certificate } });
  const next = filesOf(plain);
  const first = filesOf({ ...plain, starts: true });
  for (const [who, files] of Object.entries({
    'a worker': worker,
    'a further control plane': next,
    'the first': first,
  })) {
    for (const [path, text] of files) plane.put(path, text);
    const answer = plane.run(['kubeadm', 'config', 'validate', `--config=${CONFIG}`]);
    check(`kubeadm accepts the files of ${who}`, answer, /^ok/);
  }
  return first;
}

/** The phases of `kubeadm init` that need no kubelet. */
function prepared(): void {
  const names = ['ca.crt', 'ca.key', 'etcd/ca.key', 'front-proxy-ca.key', 'sa.key'];
  const digest = (): string =>
    createHash('sha256')
      .update(names.map(name => plane.text(`${PKI}/${name}`)).join(''))
      .digest('hex');
  const given = digest();
  for (const phase of ['certs all', 'kubeconfig all', 'control-plane all', 'etcd local'])
    plane.run(['kubeadm', 'init', 'phase', ...phase.split(' '), `--config=${CONFIG}`]);
  check('kubeadm keeps the authorities that it finds', digest(), new RegExp(given));
}

async function ready(): Promise<void> {
  check('the API server is ready', await until(() => kubectl('get', '--raw', '/readyz')), /^ok/);
  check('it is of the version that was asked for', kubectl('version'), new RegExp(`Server Version: ${version}`));
  const stranger = said(['kubectl', ...reach(), '--token=abcdef.fedcba9876543210', 'get', 'nodes']);
  check('it refuses a token that it does not know', stranger, /Unauthorized|must be logged in/);
}

/** The last step of the service on the first node, and what a node that joins may do. */
function admission(first: ReadonlyMap<string, string>): void {
  const words = ['init', 'phase', 'bootstrap-token', '--config=/dev/stdin', '--kubeconfig=/etc/kubernetes/admin.conf'];
  // Its folder has no devices: what the service gives on standard input is a file here.
  plane.put('/dev/stdin', first.get(CONFIG) ?? '');
  plane.run(['kubeadm', ...words]);
  const joining = ['kubectl', ...reach(), `--token=${TOKEN}`];
  check(
    'who shows the token may join',
    plane.run([...joining, 'auth', 'whoami']),
    /system:bootstrappers:kubeadm:default-node-token/,
  );
  check('and sees no secret', said([...joining, 'get', 'secrets']), /forbidden/);
}

function secrets(): void {
  kubectl('create', 'secret', 'generic', 'probe', `--from-literal=word=${SECRET}`);
  check(
    'a secret is read as it was written',
    Buffer.from(kubectl('get', 'secret', 'probe', '-o', 'jsonpath={.data.word}'), 'base64').toString(),
    new RegExp(SECRET),
  );
  const kept = plane.text('/var/lib/etcd/member/wal/0000000000000000-0000000000000000.wal');
  check('etcd holds it encrypted', kept, /k8s:enc:secretbox:v1:key1:/);
  check('and nowhere as it is', String(kept.includes(SECRET)), /false/);
  const log = plane.text('/var/log/kubernetes/audit.log');
  check(
    'the audit log knows that it was made',
    log,
    /"verb":"create","user".*"resource":"secrets".*"name":"probe"|"name":"probe"/,
  );
  check(
    'and not what it is',
    String(log.includes(SECRET) || log.includes(Buffer.from(SECRET).toString('base64'))),
    /false/,
  );
}

/** The controllers make pods of a deployment, and the scheduler gives them to a node; here it is one in name alone. */
async function work(): Promise<void> {
  const status = {
    conditions: [{ type: 'Ready', status: 'True', reason: 'Said', message: 'by a script' }],
    allocatable: { cpu: '2', memory: '2Gi', pods: '10' },
    capacity: { cpu: '2', memory: '2Gi', pods: '10' },
  };
  plane.put('/tmp/node.json', JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker-1' } }));
  kubectl('create', '--filename=/tmp/node.json');
  kubectl('patch', 'node', 'worker-1', '--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status })}`);
  kubectl('create', 'deployment', 'probe', '--image=registry.k8s.io/pause:3.10.1', '--replicas=2');
  const placed = ['get', 'pods', '--selector=app=probe', '-o', 'jsonpath={.items[*].spec.nodeName}'];
  check(
    'pods of a deployment are made and given to a node',
    await until(() => wanted(kubectl(...placed), /worker-1 worker-1/)),
    /worker-1 worker-1/,
  );
}

function wanted(found: string, pattern: RegExp): string {
  if (!pattern.test(found)) throw new Error(`not yet: ${found}`);
  return found;
}

/** Where the API server is and whom to trust, as a node that joins reads it: nothing of an administrator. */
function reach(): readonly string[] {
  return [`--kubeconfig=${DISCOVERY}`, '--cluster=kubernetes'];
}

function kubectl(...words: readonly string[]): string {
  return plane.run(['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', ...words]);
}

/** What a program said that failed. */
function said(argv: readonly string[]): string {
  try {
    return `it succeeded: ${plane.run(argv)}`;
  } catch (error) {
    return String((error as { readonly stderr?: string }).stderr);
  }
}

function check(what: string, found: string, wanted: RegExp): void {
  if (!wanted.test(found)) throw new Error(`not so: ${what}\n${found.slice(0, 2_000)}`);
  console.log(`ok  ${what}`);
}

async function until(ask: () => string): Promise<string> {
  const end = Date.now() + 180_000;
  for (;;) {
    try {
      return ask();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise(resolve => setTimeout(resolve, 1_000));
    }
  }
}
