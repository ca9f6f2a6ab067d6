import { z } from 'zod';
import { servicesField } from './parts/fields.ts';
import {
  apiAddress,
  firstPlane,
  KUBERNETES,
  KUBERNETES_SERVICES,
  kubernetesExample,
  kubernetesOf,
} from './parts/kubernetes.ts';
import { template } from './parts/template.ts';

/** Kubernetes that runs pipelines. */
export const cicdTekton = template({
  name: 'cicd-tekton',
  summary: 'Kubernetes with Tekton, which runs pipelines as pods.',
  example: kubernetesExample('cicd-tekton', {
    services: `      tekton: { version: "0.66.0", sha256: "0000000000000000000000000000000000000000000000000000000000000000" } # of the release that you trust
`,
  }),
  fields: () =>
    z.strictObject({
      ...KUBERNETES,
      timeoutMinutes: z.int().min(1).max(1440).default(60).describe('Longest time of a pipeline. Default: 60.'),
      services: servicesField(...KUBERNETES_SERVICES, 'tekton'),
    }),
  resources(fields, place) {
    const { timeoutMinutes, network } = fields;
    const needs = [`taskserv.${network}/${firstPlane(place)}`];
    return kubernetesOf(fields, place, { tekton: { timeoutMinutes, needs } });
  },
  outputs: (_, place) => ({
    api: `https://${apiAddress(place)}:6443`,
    tekton: `\${taskserv.tekton.${firstPlane(place)}.version}`,
  }),
});
