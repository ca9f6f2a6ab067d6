import { z } from 'zod';
import type { TemplatePlace, TemplateResource } from '../../schemas/cluster.ts';
import type { Json } from '../../schemas/json.ts';
import { wordsOf } from './drivers.ts';
import { count, GROUND, range, secret, size } from './fields.ts';
import { type Door, networkOf, subnetOf, zoned } from './ground.ts';
import { eachOutput, type Group, merge, nodeName, nodeNames, nodesOf, type ServicesOf } from './nodes.ts';

const odd = 'a control plane agrees by majority: 3, 5 or 7, never an even number';

/** Services that every cluster of Kubernetes may have parameters for. */
export const KUBERNETES_SERVICES = ['containerd', 'kubernetes', 'flannel', 'calico', 'cilium', 'haproxy'] as const;

/** Fields of a cluster of Kubernetes. */
export const KUBERNETES = {
  ...GROUND,
  controlPlanes: z
    .int()
    .min(3)
    .max(7)
    .refine(value => value % 2 === 1, odd)
    .default(3)
    .describe('Control planes: 3, 5 or 7. Default: 3.'),
  workers: count('Workers.', 2, 200),
  atOnce: count('Workers that change at the same time; the others wait.', 1),
  controlPlaneSize: size('Size of a control plane.'),
  workerSize: size('Size of a worker.'),
  network: z
    .enum(['flannel', 'calico', 'cilium'])
    .default('flannel')
    .describe('Network of the pods. Default: flannel.'),
  clients: z.array(range).max(32).default([]).describe('Ranges from outside the cluster that may use the API server.'),
  joinToken: secret('Token that a node shows to be let in: 6 and 16 of a-z and 0-9, with a point between.'),
  certificate: z.string().min(1).max(65_536).describe('Certificate of the authority of the cluster, in PEM.'),
  authorities: z
    .record(z.string(), z.json())
    .describe(
      '`key`, `etcd`, `frontProxy` and `serviceAccounts` of `pki` of the service `kubernetes`: only control planes get them.',
    ),
  encryptionKey: secret('Key that secrets are encrypted with in etcd: the base64 of 32 bytes.'),
};

/** A cluster of Kubernetes as its fields describe it. */
export type KubernetesFields = z.output<z.ZodObject<typeof KUBERNETES>> & {
  readonly services: { readonly [service: string]: { readonly [parameter: string]: Json } | undefined };
};

/** What is put into the cluster from its first control plane. */
type Inside = ServicesOf;

/** An example of a template that is a cluster of Kubernetes, with what it has besides. */
export function kubernetesExample(
  name: string,
  more: { readonly fields?: string; readonly services?: string } = {},
): string {
  return `${name}:
  main:
    operators: ["198.51.100.0/24"]
    sshKeys: [operator]
    workers: 2
    joinToken: \${secret.main/join-token}
    encryptionKey: \${secret.main/encryption-key}
    certificate: \${var.certificate}
    authorities:
      key: \${secret.main/key}
      etcd: { certificate: "\${var.certificate}", key: "\${secret.main/etcd}" }
      frontProxy: { certificate: "\${var.certificate}", key: "\${secret.main/front-proxy}" }
      serviceAccounts: { publicKey: "\${var.certificate}", key: "\${secret.main/service-accounts}" }
${more.fields ?? ''}    services:
      kubernetes:
        version: "1.32.3"
        repository: { uri: "https://packages.example.com", key: "\${var.repositoryKey}" }
      flannel: { images: { flannel: "\${var.flannelImage}", plugin: "\${var.pluginImage}" } }
${more.services ?? ''}`;
}

/** All resources of a cluster of Kubernetes. */
export function kubernetesOf(
  fields: KubernetesFields,
  place: TemplatePlace,
  inside: Inside = {},
): readonly TemplateResource[] {
  const within = { ground: fields, place };
  return [
    ...networkOf(fields, place),
    ...nodesOf(planesOf(fields, place, inside), within),
    ...apiOf(fields, place),
    ...nodesOf(workersOf(fields, place), within),
  ];
}

/** Address of the API server as an expression. */
export function apiAddress(place: TemplatePlace): string {
  return hasBalancer(place)
    ? `\${load-balancer.${place.name}-api.publicIp}`
    : `\${server.${nodeName(place, 'api', 1)}.privateIp}`;
}

/** The server that things are put into the cluster from. */
export function firstPlane(place: TemplatePlace): string {
  return nodeName(place, 'cp', 1);
}

function hasBalancer({ driver }: TemplatePlace): boolean {
  return wordsOf(driver).balancer !== null;
}

/** How nodes carry the packets of pods to each other, by network. */
const PODS: { readonly [network in KubernetesFields['network']]: readonly Door[] } = {
  flannel: [{ port: 8472, protocol: 'udp', from: 'cluster', purpose: 'Packets of pods' }],
  calico: [
    { port: 4789, protocol: 'udp', from: 'cluster', purpose: 'Packets of pods' },
    { port: 5473, from: 'cluster', purpose: 'Configuration of nodes' },
  ],
  cilium: [
    { port: 8472, protocol: 'udp', from: 'cluster', purpose: 'Packets of pods' },
    { port: 4240, from: 'cluster', purpose: 'Health of nodes' },
  ],
};

function doorsOfNode(network: KubernetesFields['network']): readonly Door[] {
  return [{ port: 10_250, from: 'cluster', purpose: 'kubelet' }, ...PODS[network]];
}

function node(fields: KubernetesFields, place: TemplatePlace, role: string, server: string): ServicesOf {
  const { certificate, joinToken } = fields;
  const kubernetes = {
    role,
    clusterName: place.name,
    endpoint: { host: apiAddress(place), port: 6443 },
    joinToken,
    pki: { certificate },
    needs: [`taskserv.containerd/${server}`],
  };
  return { containerd: {}, kubernetes };
}

function planesOf(fields: KubernetesFields, place: TemplatePlace, inside: Inside): Group {
  const { controlPlanes, controlPlaneSize, authorities, encryptionKey, clients, network } = fields;
  const { balancer } = wordsOf(place.driver);
  const api: Door = {
    port: 6443,
    from: balancer?.keepsSender === true ? 'everybody' : 'cluster',
    purpose: 'API server',
  };
  return {
    role: 'cp',
    count: controlPlanes,
    size: { asked: controlPlaneSize, standard: 'medium' },
    atOnce: 1,
    isMesh: true,
    doors: [
      api,
      ...(api.from === 'everybody' ? [] : [{ port: 6443, from: clients, purpose: 'API server for clients' }]),
      { port: 2379, from: 'cluster', purpose: 'etcd, clients' },
      { port: 2380, from: 'cluster', purpose: 'etcd, members' },
      ...doorsOfNode(network),
    ],
    services: number => {
      const { containerd = {}, kubernetes = {} } = node(fields, place, 'control-plane', nodeName(place, 'cp', number));
      const secrets = { pki: authorities, encryptionKey, ...(number === 1 ? { starts: true } : {}) };
      const plane = { containerd, kubernetes: merge(kubernetes, secrets) as ServicesOf[string] };
      return number === 1 ? { ...plane, [network]: {}, ...inside } : plane;
    },
  };
}

function workersOf(fields: KubernetesFields, place: TemplatePlace): Group {
  const planes = nodeNames(place, { role: 'cp', count: fields.controlPlanes });
  return {
    role: 'worker',
    count: fields.workers,
    size: { asked: fields.workerSize, standard: 'medium' },
    atOnce: fields.atOnce,
    doors: doorsOfNode(fields.network),
    services: number => {
      const { containerd = {}, kubernetes = {} } = node(fields, place, 'worker', nodeName(place, 'worker', number));
      const needs = [
        ...(kubernetes['needs'] as readonly string[]),
        ...planes.map(plane => `taskserv.kubernetes/${plane}`),
      ];
      return { containerd, kubernetes: { ...kubernetes, needs } };
    },
  };
}

/** One address for all control planes. */
function apiOf(fields: KubernetesFields, place: TemplatePlace): readonly TemplateResource[] {
  const { balancer } = wordsOf(place.driver);
  const planes = nodeNames(place, { role: 'cp', count: fields.controlPlanes });
  if (balancer === null) return nodesOf(frontOf(fields, planes), { ground: fields, place });
  const { size: type } = balancer;
  const balancerFields = {
    ...(type === undefined ? {} : { size: type }),
    subnet: subnetOf(fields, place),
    services: [{ protocol: 'tcp', listenPort: 6443, targetPort: 6443 }],
    targets: planes,
    ...zoned(fields),
  };
  return [{ kind: 'load-balancer', name: `${place.name}-api`, fields: balancerFields }];
}

function frontOf({ clients }: KubernetesFields, planes: readonly string[]): Group {
  const ips = eachOutput(planes, 'privateIp');
  const servers = Object.fromEntries(planes.map((plane, index) => [plane, { address: ips[index] ?? '', port: 6443 }]));
  return {
    role: 'api',
    count: 1,
    isSingle: true,
    size: { asked: undefined, standard: 'small' },
    atOnce: 1,
    doors: [
      { port: 6443, from: 'cluster', purpose: 'API server' },
      { port: 6443, from: clients, purpose: 'API server for clients' },
    ],
    services: () => ({ haproxy: { listeners: { api: { port: 6443, mode: 'tcp', servers } } } }),
  };
}
