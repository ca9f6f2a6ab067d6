import type { HostItem } from '../../schemas/taskserv.ts';
import type { Json } from '../../schemas/json.ts';
import type { Upstream } from './pin.ts';
import { heading, yaml } from './render.ts';

/** An object of Kubernetes. */
export type KubeObject = { readonly apiVersion: string; readonly kind: string; readonly [field: string]: Json };

/** The administrator's rights, which kubeadm writes down on a control plane. */
export const KUBECONFIG = '/etc/kubernetes/admin.conf';

/** kubectl with the administrator's rights. */
export const KUBECTL: readonly string[] = ['kubectl', `--kubeconfig=${KUBECONFIG}`];

const BY_US = ['--server-side', '--force-conflicts', '--field-manager=provisioning'];

/** Where the manifests of a service lie on the host. */
export function manifestFolder(service: string): string {
  return `/etc/provisioning/manifests/${service}`;
}

/** Objects as one file of documents. */
export function yamlDocuments(objects: readonly KubeObject[]): string {
  return heading() + objects.map(yaml).join('---\n');
}

/** The folder of manifests, which only root reads. */
export function manifestDirectory(service: string): readonly HostItem[] {
  return [
    { is: 'directory', path: '/etc/provisioning', mode: 0o755 },
    { is: 'directory', path: '/etc/provisioning/manifests', mode: 0o700 },
    { is: 'directory', path: manifestFolder(service), mode: 0o700 },
  ];
}

/** A file of objects of ours. */
export function manifestFile(service: string, name: string, objects: readonly KubeObject[]): HostItem {
  return { is: 'file', path: `${manifestFolder(service)}/${name}.yaml`, text: yamlDocuments(objects), mode: 0o600 };
}

/** A file of objects of upstream, as a download. */
export function upstreamManifest(
  service: string,
  upstream: Pick<Upstream, 'url' | 'checksums' | 'example'> & { readonly file: string },
): Upstream {
  const { file, ...from } = upstream;
  const to = `${manifestFolder(service)}/${file}.yaml`;
  return { name: `${service}-${file}`, archive: 'none', files: [{ to, mode: 0o600 }], ...from };
}

/** Brings the objects of a file into the cluster. Where `keeps` is not said they are taken out when the service is removed. */
export function applied(service: string, name: string, title: string, keeps?: 'keeps'): HostItem {
  const file = `--filename=${manifestFolder(service)}/${name}.yaml`;
  return {
    is: 'task',
    title,
    done: [...KUBECTL, 'diff', ...BY_US, file],
    run: [...KUBECTL, 'apply', ...BY_US, file],
    ...(keeps === 'keeps' ? {} : { undo: [...KUBECTL, 'delete', '--ignore-not-found', '--wait=true', file] }),
  };
}

/** Waits until the cluster knows a kind, before what comes after it uses that kind. */
export function knownKind(name: string): HostItem {
  return waited(`the cluster knows ${name}`, ['wait', '--for=condition=Established', `crd/${name}`]);
}

/** Waits until a workload runs, before what comes after it needs that. */
export function ready(title: string, namespace: string, workload: string): HostItem {
  return waited(title, [`--namespace=${namespace}`, 'rollout', 'status', workload]);
}

function waited(title: string, words: readonly string[]): HostItem {
  const done = [...KUBECTL, ...words, '--timeout=1s'];
  return { is: 'task', title, done, run: [...KUBECTL, ...words, '--timeout=300s'], withinSeconds: 320 };
}

/** Waits until an object of the cluster is in a condition. */
export function inCondition(
  title: string,
  namespace: string,
  object: string,
  condition: string,
  withinSeconds = 300,
): HostItem {
  return {
    is: 'verify',
    title,
    run: [...KUBECTL, `--namespace=${namespace}`, 'wait', `--for=${condition}`, object, '--timeout=20s'],
    withinSeconds,
  };
}

/** Waits until a workload of the cluster runs as it was said. */
export function rolledOut(title: string, namespace: string, workload: string, withinSeconds = 300): HostItem {
  return {
    is: 'verify',
    title,
    run: [...KUBECTL, `--namespace=${namespace}`, 'rollout', 'status', workload, '--timeout=20s'],
    withinSeconds,
  };
}

/** A namespace whose pods keep to a level of the pod security standards. */
export function namespaceObject(name: string, level: 'restricted' | 'baseline' | 'privileged'): KubeObject {
  const labels = { 'pod-security.kubernetes.io/enforce': level };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}
