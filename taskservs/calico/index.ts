import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { range } from '../host/fields.ts';
import {
  applied,
  inCondition,
  knownKind,
  manifestDirectory,
  manifestFile,
  ready,
  upstreamManifest,
} from '../host/kube.ts';
import { digestField, pinFields, releaseOf } from '../host/pin.ts';
import { service } from '../host/service.ts';

const AT = 'https://raw.githubusercontent.com/projectcalico/calico/v{version}/manifests';
const CHECKSUMS = 'https://github.com/projectcalico/calico/releases (of the manifests in the release archive)';
const OPERATOR = upstreamManifest('calico', {
  file: 'tigera-operator',
  url: `${AT}/tigera-operator.yaml`,
  checksums: CHECKSUMS,
  example: '3.29.1',
});
const KINDS = upstreamManifest('calico', {
  file: 'operator-crds',
  url: `${AT}/operator-crds.yaml`,
  checksums: CHECKSUMS,
  example: '3.30.1',
});

const fields = () =>
  z.strictObject({
    ...pinFields(OPERATOR),
    crdsSha256: digestField({ name: 'operator-crds.yaml', checksums: CHECKSUMS })
      .optional()
      .describe('SHA-256 of operator-crds.yaml, which upstream publishes beside the operator from version 3.30 on.'),
    podCidr: range.default('10.244.0.0/16').describe('Addresses of pods; the same as `podCidr` of `kubernetes`.'),
    encapsulation: z
      .enum(['VXLAN', 'VXLANCrossSubnet', 'IPIP', 'IPIPCrossSubnet', 'None'])
      .default('VXLANCrossSubnet')
      .describe('How packets travel between nodes.'),
    encrypt: z.boolean().default(false).describe('Encrypt packets between nodes with WireGuard.'),
    blockSize: z.int().min(20).max(32).default(26).describe('Size of the block of addresses that a node gets.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function installation({ podCidr, encapsulation, blockSize }: Fields) {
  return {
    apiVersion: 'operator.tigera.io/v1',
    kind: 'Installation',
    metadata: { name: 'default' },
    spec: {
      calicoNetwork: {
        bgp: encapsulation.startsWith('VXLAN') ? 'Disabled' : 'Enabled',
        ipPools: [
          {
            name: 'default-ipv4-ippool',
            cidr: podCidr,
            encapsulation,
            blockSize,
            natOutgoing: 'Enabled',
            nodeSelector: 'all()',
          },
        ],
      },
    },
  };
}

const apiServer = { apiVersion: 'operator.tigera.io/v1', kind: 'APIServer', metadata: { name: 'default' }, spec: {} };

/** The one object that the operator itself makes and others may write: only this field of it is ours. */
const felix = {
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'FelixConfiguration',
  metadata: { name: 'default' },
  spec: { wireguardEnabled: true },
};

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const { crdsSha256, version } = given;
  const kinds: readonly HostItem[] =
    crdsSha256 === undefined
      ? []
      : [
          releaseOf(KINDS, { version, sha256: crdsSha256 }, place),
          applied('calico', 'operator-crds', 'bring the kinds of the operator of Calico into the cluster'),
        ];
  return [
    ...manifestDirectory('calico'),
    ...kinds,
    releaseOf(OPERATOR, given, place),
    applied('calico', 'tigera-operator', 'bring the operator of Calico into the cluster'),
    knownKind('installations.operator.tigera.io'),
    ready('the operator of Calico runs', 'tigera-operator', 'deployment/tigera-operator'),
    manifestFile('calico', 'installation', [installation(given), apiServer]),
    applied('calico', 'installation', 'describe the network between pods'),
    inCondition('Calico carries packets of pods', 'calico-system', 'tigerastatus/calico', 'condition=Available', 600),
    ...(given.encrypt
      ? [
          manifestFile('calico', 'encryption', [felix]),
          applied('calico', 'encryption', 'encrypt packets between nodes'),
        ]
      : []),
  ];
}

/** Calico, the network between pods with policies. */
export const calico: TaskService = service({
  name: 'calico',
  categories: ['kubernetes'],
  summary: 'Network between the pods of a cluster with network policies (Calico).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  conflicts: ['cilium', 'flannel'],
  holdsData: false,
  saysGoodbye: true,
  ports: ({ encapsulation, encrypt }) => [
    encapsulation.startsWith('VXLAN')
      ? { port: 4789, protocol: 'udp', reach: 'network', purpose: 'packets between nodes' }
      : { port: 179, protocol: 'tcp', reach: 'network', purpose: 'routes between nodes' },
    { port: 5473, protocol: 'tcp', reach: 'network', purpose: 'configuration of nodes (Typha)' },
    ...(encrypt
      ? [{ port: 51_820, protocol: 'udp', reach: 'network', purpose: 'encrypted packets between nodes' } as const]
      : []),
  ],
  endpoint: () => null,
  want,
});
