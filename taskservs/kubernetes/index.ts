import type { HostItem, HostPlace, ServicePort, TaskService } from '../../schemas/taskserv.ts';
import { debian, inUrl } from '../host/fields.ts';
import { repositoryOf } from '../host/origin.ts';
import { heading } from '../host/render.ts';
import { service } from '../host/service.ts';
import { type Fields, fields, origin } from './fields.ts';
import { auditPolicy, discovery, encryption, kubeadmConfig } from './kubeadm.ts';
import { AUDIT, CONFIG, DISCOVERY, ENCRYPTION, PKI } from './paths.ts';
import { IS_UPGRADED, MEMBERSHIP, UPGRADE } from './scripts.ts';

const SYSCTL = '/etc/sysctl.d/60-kubernetes.conf';
const MODULES = '/etc/modules-load.d/kubernetes.conf';

/** What pods need of the kernel, and what `protectKernelDefaults` of the kubelet asks for. */
const KERNEL = `${heading()}net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
kernel.panic = 10
kernel.panic_on_oops = 1
vm.overcommit_memory = 1
`;

const HAS_MODULES = 'test -e /proc/sys/net/bridge/bridge-nf-call-iptables && grep -qw overlay /proc/filesystems';

function kernel(): readonly HostItem[] {
  return [
    { is: 'file', path: MODULES, text: `${heading()}overlay\nbr_netfilter\n` },
    {
      is: 'task',
      title: 'load what pods need of the kernel',
      done: ['sh', '-c', HAS_MODULES],
      // A kernel that has them built in may know no modules at all.
      run: ['sh', '-c', `{ ${HAS_MODULES}; } || exec modprobe --all overlay br_netfilter`],
    },
    { is: 'file', path: SYSCTL, text: KERNEL },
    {
      is: 'task',
      title: 'set the kernel for pods',
      done: [
        'sh',
        '-c',
        'test "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 && test "$(cat /proc/sys/vm/overcommit_memory)" = 1',
      ],
      run: ['sysctl', `--load=${SYSCTL}`],
    },
    {
      is: 'task',
      title: 'turn swap off',
      done: ['sh', '-c', 'test "$(wc -l < /proc/swaps)" -le 1'],
      run: ['swapoff', '--all'],
    },
  ];
}

const secret = (path: string, text: string, mode = 0o600): HostItem => ({
  is: 'file',
  path,
  text,
  mode,
  isSecret: true,
});
const open = (path: string, text: string): HostItem => ({ is: 'file', path, text, mode: 0o644 });

/** Certificates and keys: every control plane has all of them, so that none must get them from another. */
function authorities({ pki, role }: Fields): readonly HostItem[] {
  const folder: HostItem = { is: 'directory', path: PKI, mode: 0o755 };
  // kubeadm writes this one itself when a worker joins; it is the same.
  if (role === 'worker') return [];
  const { key = '', etcd, frontProxy, serviceAccounts } = pki;
  const pair = (name: string, has: { readonly certificate: string; readonly key: string } | undefined) =>
    has === undefined ? [] : [open(`${PKI}/${name}.crt`, has.certificate), secret(`${PKI}/${name}.key`, has.key)];
  return [
    folder,
    { is: 'directory', path: `${PKI}/etcd`, mode: 0o755 },
    ...pair('ca', { certificate: pki.certificate, key }),
    ...pair('etcd/ca', etcd),
    ...pair('front-proxy-ca', frontProxy),
    ...(serviceAccounts === undefined
      ? []
      : [open(`${PKI}/sa.pub`, serviceAccounts.publicKey), secret(`${PKI}/sa.key`, serviceAccounts.key)]),
  ];
}

function membership(given: Fields): readonly HostItem[] {
  const word = given.starts ? 'init' : 'join';
  return [
    {
      is: 'task',
      title: given.starts ? 'begin the cluster' : 'join the cluster',
      done: ['test', '-e', '/etc/kubernetes/kubelet.conf'],
      run: ['sh', '-c', MEMBERSHIP, 'sh', word, CONFIG],
      undo: ['kubeadm', 'reset', '--force'],
      withinSeconds: 900,
    },
  ];
}

/** Ends by itself after its time; a new token lets nodes in again. kubeadm reads it, so that it is no word of a command. */
function admission(given: Fields, place: HostPlace): HostItem {
  return {
    is: 'task',
    title: 'let nodes in by the token',
    done: ['test', '-e', '/etc/kubernetes/admin.conf'],
    run: ['kubeadm', 'init', 'phase', 'bootstrap-token', '--config=/dev/stdin'],
    stdin: kubeadmConfig(given, place),
  };
}

function configuration(given: Fields, place: HostPlace): readonly HostItem[] {
  return [
    { is: 'directory', path: '/etc/kubernetes', mode: 0o755 },
    ...authorities(given),
    ...(given.role === 'worker' ? [] : [secret(ENCRYPTION, encryption(given)), open(AUDIT, auditPolicy())]),
    ...(given.starts ? [] : [open(DISCOVERY, discovery(given))]),
    secret(CONFIG, kubeadmConfig(given, place)),
  ];
}

function programs(given: Fields): readonly HostItem[] {
  const { version, starts } = given;
  const leads = starts ? 'leads' : 'follows';
  return [
    repositoryOf(origin(version), given.repository),
    debian('iptables'),
    debian('conntrack'),
    debian('kubeadm', `${version}-*`),
    {
      is: 'task',
      title: `bring the control plane to ${version}`,
      done: ['sh', '-c', IS_UPGRADED, 'sh', version],
      run: ['sh', '-c', UPGRADE, 'sh', version, leads],
      withinSeconds: 1200,
    },
    debian('kubelet', `${version}-*`),
    debian('kubectl', `${version}-*`),
  ];
}

function proofs(given: Fields, place: HostPlace): readonly HostItem[] {
  const kubeconfig = given.role === 'worker' ? '/etc/kubernetes/kubelet.conf' : '/etc/kubernetes/admin.conf';
  const kubectl = ['kubectl', `--kubeconfig=${kubeconfig}`];
  return [
    {
      is: 'verify',
      title: 'the API server is ready',
      run: [...kubectl, 'get', '--raw', '/readyz'],
      expect: '^ok',
      withinSeconds: 300,
    },
    {
      is: 'verify',
      title: 'the cluster knows the node by its version',
      run: [...kubectl, 'get', `node/${place.server}`, '--output=jsonpath={.status.nodeInfo.kubeletVersion}'],
      expect: `^v${given.version.replaceAll('.', '\\.')}$`,
      withinSeconds: 120,
    },
  ];
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  return [
    ...kernel(),
    ...programs(given),
    ...configuration(given, place),
    ...membership(given),
    ...(given.starts ? [admission(given, place)] : []),
    { is: 'daemon', unit: 'kubelet.service' },
    ...proofs(given, place),
  ];
}

function ports({ role }: Fields): readonly ServicePort[] {
  const inside = (port: number, purpose: string): ServicePort => ({ port, protocol: 'tcp', reach: 'network', purpose });
  const kubelet = inside(10_250, 'kubelet');
  return role === 'worker'
    ? [kubelet]
    : [kubelet, inside(6443, 'API server'), inside(2379, 'etcd, clients'), inside(2380, 'etcd, members')];
}

/** A node of a Kubernetes cluster. */
export const kubernetes: TaskService = service({
  name: 'kubernetes',
  categories: ['kubernetes'],
  summary: 'Control plane or worker of a Kubernetes cluster (kubeadm).',
  source: 'repository',
  version: null,
  fields,
  holdsData: true,
  saysGoodbye: true,
  data: ['/var/lib/etcd'],
  host: { memoryMib: 1700, diskMib: 4096 },
  ports,
  endpoint: ({ endpoint }) => `https://${inUrl(endpoint.host)}:${endpoint.port}`,
  want,
});
