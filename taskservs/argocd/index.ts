import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { applied, knownKind, manifestDirectory, manifestFile, rolledOut } from '../host/kube.ts';
import { releaseOf } from '../host/pin.ts';
import { service } from '../host/service.ts';
import { objectsOf, secretsOf } from './objects.ts';
import { type Fields, UPSTREAM, fields } from './fields.ts';

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } };
  return [
    ...manifestDirectory('argocd'),
    manifestFile('argocd', 'namespace', [namespace]),
    applied('argocd', 'namespace', 'make the namespace of Argo CD'),
    { ...manifestFile('argocd', 'secrets', secretsOf(given)), isSecret: true } as HostItem,
    applied('argocd', 'secrets', 'set the password of admin and the keys of repositories'),
    releaseOf(UPSTREAM, given, place),
    installed(),
    knownKind('applications.argoproj.io'),
    rolledOut('the API of Argo CD answers', 'argocd', 'deployment/argocd-server'),
    rolledOut('repositories are read', 'argocd', 'deployment/argocd-repo-server'),
    manifestFile('argocd', 'objects', objectsOf(given)),
    applied('argocd', 'objects', 'bind repositories to the cluster'),
  ];
}

/** The manifest of upstream names no namespace: it goes to whatever kubectl is told. */
function installed(): HostItem {
  const task = applied('argocd', 'install', 'bring Argo CD into the cluster');
  if (task.is !== 'task') return task;
  const there = (words: readonly string[]): readonly string[] => [...words, '--namespace=argocd'];
  return { ...task, done: there(task.done), run: there(task.run), undo: there(task.undo ?? []) };
}

/** Argo CD, which keeps a cluster as Git says. */
export const argocd: TaskService = service({
  name: 'argocd',
  categories: ['ci-cd'],
  summary: 'Keeps a Kubernetes cluster as repositories say (Argo CD).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  holdsData: false,
  saysGoodbye: true,
  ports: () => [],
  endpoint: ({ address }) => address ?? null,
  want,
});
