import type { HostPlace } from '../../schemas/taskserv.ts';
import { inUrl } from '../host/fields.ts';
import { type KubeObject, yamlDocuments } from '../host/kube.ts';
import { yaml } from '../host/render.ts';
import type { Fields } from './fields.ts';
import { AUDIT, DISCOVERY, ENCRYPTION } from './paths.ts';

const API = 'kubeadm.k8s.io/v1beta4';
const SOCKETS = {
  containerd: 'unix:///run/containerd/containerd.sock',
  crio: 'unix:///var/run/crio/crio.sock',
} as const;

/** What kubeadm reads on this node. */
export function kubeadmConfig(given: Fields, place: HostPlace): string {
  const beginning = [initConfiguration(given, place), clusterConfiguration(given, place), kubelet(given)];
  return yamlDocuments(given.starts ? beginning : [joinConfiguration(given, place)]);
}

const argument = (name: string, value: string) => ({ name, value });

function registration({ runtime, role, taint }: Fields, { server, address }: HostPlace) {
  const controls = role === 'control-plane';
  const taints = controls && taint ? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] : [];
  return {
    name: server,
    criSocket: SOCKETS[runtime],
    imagePullPolicy: 'IfNotPresent',
    kubeletExtraArgs: [argument('node-ip', address)],
    ...(controls ? { taints } : {}),
  };
}

function initConfiguration(given: Fields, place: HostPlace): KubeObject {
  return {
    apiVersion: API,
    kind: 'InitConfiguration',
    bootstrapTokens: [
      {
        token: given.joinToken,
        ttl: `${given.joinTokenTtl}0m0s`,
        description: 'nodes of this cluster',
        usages: ['signing', 'authentication'],
        groups: ['system:bootstrappers:kubeadm:default-node-token'],
      },
    ],
    localAPIEndpoint: { advertiseAddress: place.address, bindPort: 6443 },
    nodeRegistration: registration(given, place),
  };
}

function clusterConfiguration(given: Fields, place: HostPlace): KubeObject {
  const { endpoint, podCidr, serviceCidr, dnsDomain } = given;
  return {
    apiVersion: API,
    kind: 'ClusterConfiguration',
    clusterName: given.clusterName,
    kubernetesVersion: `v${given.version}`,
    controlPlaneEndpoint: `${inUrl(endpoint.host)}:${endpoint.port}`,
    networking: { podSubnet: podCidr, serviceSubnet: serviceCidr, dnsDomain },
    apiServer: {
      certSANs: [...new Set([endpoint.host, place.address, ...given.alsoNamed])],
      extraArgs: apiServerArguments(given),
      extraVolumes: [
        { name: 'encryption', hostPath: ENCRYPTION, mountPath: ENCRYPTION, readOnly: true, pathType: 'File' },
        { name: 'audit-policy', hostPath: AUDIT, mountPath: AUDIT, readOnly: true, pathType: 'File' },
        {
          name: 'audit-log',
          hostPath: '/var/log/kubernetes',
          mountPath: '/var/log/kubernetes',
          pathType: 'DirectoryOrCreate',
        },
      ],
    },
    controllerManager: {
      extraArgs: [
        argument('bind-address', '127.0.0.1'),
        argument('profiling', 'false'),
        argument('terminated-pod-gc-threshold', '500'),
      ],
    },
    scheduler: { extraArgs: [argument('bind-address', '127.0.0.1'), argument('profiling', 'false')] },
    etcd: {
      local: { dataDir: '/var/lib/etcd', extraArgs: [argument('listen-metrics-urls', 'http://127.0.0.1:2381')] },
    },
  };
}

function apiServerArguments({ auditDays }: Fields) {
  return [
    argument('audit-log-maxage', String(auditDays)),
    argument('audit-log-maxbackup', '10'),
    argument('audit-log-maxsize', '100'),
    argument('audit-log-path', '/var/log/kubernetes/audit.log'),
    argument('audit-policy-file', AUDIT),
    argument('enable-admission-plugins', 'NodeRestriction'),
    argument('encryption-provider-config', ENCRYPTION),
    argument('profiling', 'false'),
    argument('tls-min-version', 'VersionTLS12'),
  ];
}

/** A node learns the authority from its own file, not from the server that it is about to trust. */
function joinConfiguration(given: Fields, place: HostPlace): KubeObject {
  const controls = given.role === 'control-plane';
  return {
    apiVersion: API,
    kind: 'JoinConfiguration',
    discovery: { file: { kubeConfigPath: DISCOVERY }, tlsBootstrapToken: given.joinToken },
    nodeRegistration: registration(given, place),
    ...(controls ? { controlPlane: { localAPIEndpoint: { advertiseAddress: place.address, bindPort: 6443 } } } : {}),
  };
}

function kubelet(given: Fields): KubeObject {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'systemd',
    clusterDomain: given.dnsDomain,
    makeIPTablesUtilChains: true,
    maxPods: given.maxPods,
    protectKernelDefaults: true,
    readOnlyPort: 0,
    rotateCertificates: true,
    seccompDefault: true,
    streamingConnectionIdleTimeout: '1h0m0s',
    systemReserved: { memory: `${given.reservedMemoryMib}Mi` },
    tlsMinVersion: 'VersionTLS12',
  };
}

/** Where the API server is and who signs for it: all that a joining node believes. */
export function discovery({ endpoint, pki, clusterName }: Fields): string {
  const authority = Buffer.from(pki.certificate).toString('base64');
  return yaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: clusterName,
        cluster: {
          server: `https://${inUrl(endpoint.host)}:${endpoint.port}`,
          'certificate-authority-data': authority,
        },
      },
    ],
    contexts: [],
    users: [],
    preferences: {},
  });
}

/** How secrets are kept in etcd. */
export function encryption({ encryptionKey = '' }: Fields): string {
  return yaml({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      {
        resources: ['secrets'],
        providers: [{ secretbox: { keys: [{ name: 'key1', secret: encryptionKey }] } }, { identity: {} }],
      },
    ],
  });
}

/** What the API server writes down: who did what, and of secrets only that they were touched. */
export function auditPolicy(): string {
  return yaml({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'None', users: ['system:kube-proxy'], verbs: ['watch'] },
      { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version'] },
      { level: 'Metadata', resources: [{ group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] }] },
      { level: 'None', verbs: ['get', 'list', 'watch'] },
      { level: 'Request' },
    ],
  });
}
