import { z } from 'zod';
import { secret, servicesField } from './parts/fields.ts';
import {
  apiAddress,
  firstPlane,
  KUBERNETES,
  KUBERNETES_SERVICES,
  kubernetesExample,
  kubernetesOf,
} from './parts/kubernetes.ts';
import { template } from './parts/template.ts';

/** Kubernetes that brings in what stands in Git. */
export const cicdArgocd = template({
  name: 'cicd-argocd',
  summary: 'Kubernetes with Argo CD, which keeps it as a Git repository says.',
  example: kubernetesExample('cicd-argocd', {
    fields: `    adminPasswordHash: \${secret.main/argocd}
    repositories: [{ url: "https://git.example.com/shop.git" }]
    applications: { shop: { repository: "https://git.example.com/shop.git", namespace: shop } }
`,
    services: `      argocd: { version: "2.13.3", sha256: "0000000000000000000000000000000000000000000000000000000000000000" } # of the release that you trust
`,
  }),
  fields: () =>
    z.strictObject({
      ...KUBERNETES,
      adminPasswordHash: secret('Password of `admin` of Argo CD as a bcrypt hash.'),
      repositories: z
        .array(z.json())
        .max(256)
        .default([])
        .describe('Repositories, as the service `argocd` takes them.'),
      applications: z
        .record(z.string(), z.json())
        .default({})
        .describe('What is brought from where to where, as the service `argocd` takes it.'),
      services: servicesField(...KUBERNETES_SERVICES, 'argocd'),
    }),
  resources(fields, place) {
    const { adminPasswordHash, repositories, applications, network } = fields;
    // Its pods need the network of the pods.
    const needs = [`taskserv.${network}/${firstPlane(place)}`];
    return kubernetesOf(fields, place, { argocd: { adminPasswordHash, repositories, applications, needs } });
  },
  outputs: (_, place) => ({
    api: `https://${apiAddress(place)}:6443`,
    argocd: `\${taskserv.argocd.${firstPlane(place)}.version}`,
  }),
});
