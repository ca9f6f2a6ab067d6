import { z } from 'zod';
import { servicesField } from './parts/fields.ts';
import { apiAddress, KUBERNETES, KUBERNETES_SERVICES, kubernetesExample, kubernetesOf } from './parts/kubernetes.ts';
import { template } from './parts/template.ts';

/** Kubernetes that goes on when a control plane is lost. */
export const k8sHa = template({
  name: 'k8s-ha',
  summary: 'Kubernetes with three or more control planes, workers, and one address for the API server.',
  example: kubernetesExample('k8s-ha'),
  fields: () => z.strictObject({ ...KUBERNETES, services: servicesField(...KUBERNETES_SERVICES) }),
  resources: (fields, place) => kubernetesOf(fields, place),
  outputs: (_, place) => ({ api: `https://${apiAddress(place)}:6443` }),
});
