import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { label, url } from '../host/fields.ts';
import {
  applied,
  inCondition,
  type KubeObject,
  manifestDirectory,
  manifestFile,
  ready,
  upstreamManifest,
} from '../host/kube.ts';
import { pinFields, releaseOf } from '../host/pin.ts';
import { service } from '../host/service.ts';

const UPSTREAM = upstreamManifest('cert-manager', {
  file: 'cert-manager',
  url: 'https://github.com/cert-manager/cert-manager/releases/download/v{version}/cert-manager.yaml',
  checksums: 'https://github.com/cert-manager/cert-manager/releases (digest of cert-manager.yaml)',
  example: '1.16.2',
});

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    acme: z
      .strictObject({
        email: z.email().max(254).describe('Where the authority writes to when something expires.'),
        server: url.default('https://acme-v02.api.letsencrypt.org/directory').describe('Directory of the authority.'),
        ingressClass: label.default('nginx').describe('Class of the ingress that answers the challenge.'),
      })
      .optional()
      .describe('An authority that gives certificates by ACME, as the issuer `acme`.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** An authority of the cluster's own stands always: it is what the proof of use is signed with. */
function issuers({ acme }: Fields): readonly KubeObject[] {
  const issuer = (name: string, spec: KubeObject['spec']) =>
    ({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name }, spec }) as KubeObject;
  const own = issuer('self-signed', { selfSigned: {} });
  if (acme === undefined) return [own];
  const solvers = [{ http01: { ingress: { ingressClassName: acme.ingressClass } } }];
  const privateKeySecretRef = { name: 'acme-account' };
  return [own, issuer('acme', { acme: { email: acme.email, server: acme.server, privateKeySecretRef, solvers } })];
}

const PROOF: KubeObject = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { name: 'proof-of-use', namespace: 'cert-manager' },
  spec: {
    secretName: 'proof-of-use',
    dnsNames: ['proof.invalid'],
    duration: '2160h0m0s',
    privateKey: { algorithm: 'ECDSA', size: 256 },
    issuerRef: { kind: 'ClusterIssuer', name: 'self-signed' },
  },
};

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  return [
    ...manifestDirectory('cert-manager'),
    releaseOf(UPSTREAM, given, place),
    applied('cert-manager', 'cert-manager', 'bring cert-manager into the cluster'),
    ready('requests are checked', 'cert-manager', 'deployment/cert-manager-webhook'),
    ready('cert-manager runs', 'cert-manager', 'deployment/cert-manager'),
    manifestFile('cert-manager', 'issuers', issuers(given)),
    applied('cert-manager', 'issuers', 'name the authorities of the cluster'),
    manifestFile('cert-manager', 'proof', [PROOF]),
    applied('cert-manager', 'proof', 'ask for a certificate as a proof of use'),
    inCondition('a certificate was issued', 'cert-manager', 'certificate/proof-of-use', 'condition=Ready'),
  ];
}

/** cert-manager, which gets and renews the certificates of a cluster. */
export const certManager: TaskService = service({
  name: 'cert-manager',
  categories: ['certificates'],
  summary: 'Gets and renews the certificates of a Kubernetes cluster (cert-manager).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  holdsData: false,
  saysGoodbye: true,
  ports: () => [],
  endpoint: () => null,
  want,
});
