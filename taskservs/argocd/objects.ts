import { createHash } from 'node:crypto';
import type { KubeObject } from '../host/kube.ts';
import type { Fields } from './fields.ts';

const NAMESPACE = 'argocd';

/** The password of the administrator and the keys of repositories. */
export function secretsOf({ adminPasswordHash, repositories }: Fields): readonly KubeObject[] {
  const part = { 'app.kubernetes.io/part-of': 'argocd' };
  return [
    secret('argocd-secret', part, {
      'admin.password': adminPasswordHash,
      'admin.passwordMtime': '2000-01-01T00:00:00Z',
    }),
    ...repositories.map(({ url, username, password, sshKey }) =>
      secret(
        `repository-${createHash('sha256').update(url).digest('hex').slice(0, 12)}`,
        { ...part, 'argocd.argoproj.io/secret-type': 'repository' },
        {
          type: 'git',
          url,
          ...(password === undefined ? {} : { username, password }),
          ...(sshKey === undefined ? {} : { sshPrivateKey: sshKey }),
        },
      ),
    ),
  ];
}

function secret(name: string, labels: { [label: string]: string }, stringData: { [key: string]: string }): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE, labels },
    type: 'Opaque',
    stringData,
  };
}

/** Its own settings, and what is brought from where to where. */
export function objectsOf({ applications, address }: Fields): readonly KubeObject[] {
  const labels = { 'app.kubernetes.io/part-of': 'argocd' };
  const settings: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', namespace: NAMESPACE, labels },
    data: {
      'exec.enabled': 'false',
      'users.anonymous.enabled': 'false',
      ...(address === undefined ? {} : { url: address }),
    },
  };
  return [
    settings,
    ...Object.entries(applications).map(([name, one]) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        project: 'default',
        source: { repoURL: one.repository, path: one.path, targetRevision: one.revision },
        destination: { server: 'https://kubernetes.default.svc', namespace: one.namespace },
        syncPolicy: {
          automated: { prune: one.prune, selfHeal: one.selfHeal },
          syncOptions: ['CreateNamespace=true'],
        },
      },
    })),
  ];
}
