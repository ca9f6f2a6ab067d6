import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { type Chart, chartItems, chartUpstream, helmField } from '../host/chart.ts';
import { host, port, range } from '../host/fields.ts';
import { rolledOut } from '../host/kube.ts';
import { pinFields } from '../host/pin.ts';
import { service } from '../host/service.ts';

const UPSTREAM = {
  url: 'https://helm.cilium.io/cilium-{version}.tgz',
  checksums: 'https://helm.cilium.io/index.yaml (`digest` of the chart)',
  example: '1.16.5',
};

const fields = () =>
  z
    .strictObject({
      ...pinFields(chartUpstream('cilium', UPSTREAM)),
      helm: helmField('cilium'),
      podCidr: range.default('10.244.0.0/16').describe('Addresses of pods; the same as `podCidr` of `kubernetes`.'),
      nodeMaskSize: z.int().min(16).max(30).default(24).describe('Size of the block of addresses that a node gets.'),
      routing: z.enum(['tunnel', 'native']).default('tunnel').describe('How packets travel between nodes.'),
      encryption: z
        .enum(['none', 'wireguard'])
        .default('wireguard')
        .describe('Encryption of packets between nodes; `none` is weaker than the default.'),
      replaceKubeProxy: z.boolean().default(false).describe('Do the work of kube-proxy too; needs `apiServer`.'),
      apiServer: z
        .strictObject({ host: host.describe('Name or address.'), port: port.default(6443).describe('Port.') })
        .optional()
        .describe('The API server as nodes reach it without kube-proxy.'),
      hubble: z.boolean().default(false).describe('Record what pods say to each other (Hubble with its relay).'),
    })
    .refine(given => !given.replaceKubeProxy || given.apiServer !== undefined, {
      path: ['apiServer'],
      error: 'without kube-proxy every node must be told where the API server is',
    });
type Fields = z.output<ReturnType<typeof fields>>;

function valuesOf(given: Fields): Chart['values'] {
  const { routing, podCidr, nodeMaskSize, encryption, apiServer, hubble } = given;
  return {
    ipam: {
      mode: 'cluster-pool',
      operator: { clusterPoolIPv4PodCIDRList: [podCidr], clusterPoolIPv4MaskSize: nodeMaskSize },
    },
    routingMode: routing,
    ...(routing === 'tunnel'
      ? { tunnelProtocol: 'vxlan' }
      : { ipv4NativeRoutingCIDR: podCidr, autoDirectNodeRoutes: true }),
    encryption: encryption === 'none' ? { enabled: false } : { enabled: true, type: 'wireguard' },
    kubeProxyReplacement: given.replaceKubeProxy,
    ...(apiServer === undefined ? {} : { k8sServiceHost: apiServer.host, k8sServicePort: apiServer.port }),
    hubble: { enabled: hubble, relay: { enabled: hubble } },
    policyEnforcementMode: 'default',
  };
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const chart: Chart = {
    service: 'cilium',
    namespace: 'kube-system',
    upstream: UPSTREAM,
    pin: given,
    helm: given.helm,
    values: valuesOf(given),
  };
  return [
    ...chartItems(chart, place),
    rolledOut('every node carries packets of pods', 'kube-system', 'daemonset/cilium'),
    rolledOut('addresses are given out', 'kube-system', 'deployment/cilium-operator'),
  ];
}

/** Cilium, the network between pods by eBPF. */
export const cilium: TaskService = service({
  name: 'cilium',
  categories: ['kubernetes'],
  summary: 'Network between the pods of a cluster by eBPF, encrypted, with network policies (Cilium).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  conflicts: ['calico', 'flannel'],
  holdsData: false,
  saysGoodbye: true,
  ports: ({ routing, encryption }) => [
    ...(routing === 'tunnel'
      ? [{ port: 8472, protocol: 'udp', reach: 'network', purpose: 'packets between nodes' } as const]
      : []),
    ...(encryption === 'wireguard'
      ? [{ port: 51_871, protocol: 'udp', reach: 'network', purpose: 'encrypted packets between nodes' } as const]
      : []),
    { port: 4240, protocol: 'tcp', reach: 'network', purpose: 'health of nodes' },
  ],
  endpoint: () => null,
  want,
});
