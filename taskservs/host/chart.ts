import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { KUBECONFIG, manifestDirectory, manifestFolder } from './kube.ts';
import { type Pinned, pinFields, releaseOf, type Upstream } from './pin.ts';
import { heading, yaml } from './render.ts';

/** The program that puts a chart into a cluster. Every service keeps its own, so that none takes it from another. */
function helm(service: string): Upstream {
  return {
    name: `helm-${service}`,
    url: 'https://get.helm.sh/helm-v{version}-linux-{arch}.tar.gz',
    archive: 'tar.gz',
    files: [{ from: 'linux-{arch}/helm', to: helmPath(service), mode: 0o755 }],
    checksums: 'https://get.helm.sh/helm-v<version>-linux-<architecture>.tar.gz.sha256sum',
    example: '3.16.4',
  };
}

function helmPath(service: string): string {
  return `/usr/local/lib/provisioning/${service}/helm`;
}

/** The field `helm`. */
export function helmField(service: string) {
  return z.strictObject(pinFields(helm(service))).describe('The program helm, which puts the chart into the cluster.');
}

/** A chart with its values. */
export interface Chart {
  readonly service: string;
  readonly namespace: string;
  readonly upstream: Pick<Upstream, 'url' | 'checksums' | 'example'>;
  readonly pin: Pinned;
  readonly helm: Pinned;
  /** No secret stands here: the chart names an object that holds it. */
  readonly values: { readonly [name: string]: Json };
}

/** What a chart is as a download. */
export function chartUpstream(service: string, upstream: Chart['upstream']): Upstream {
  const to = `${manifestFolder(service)}/chart.tgz`;
  return { name: `chart-${service}`, archive: 'none', files: [{ to, mode: 0o600 }], ...upstream };
}

/** True where the revision that runs carries this mark. */
const HAS_MARK = '"$1" --kubeconfig="$2" status "$3" --namespace="$4" --output=json | grep -qF -- "$5"';

/** The items that bring a chart into the cluster. Whatever changes its values or its version changes the mark, and so the command. */
export function chartItems(chart: Chart, place: HostPlace): readonly HostItem[] {
  const { service, namespace } = chart;
  const folder = manifestFolder(service);
  const text = heading() + yaml(chart.values);
  const mark = createHash('sha256').update(`${chart.pin.sha256}\n${text}`).digest('hex').slice(0, 16);
  const program = [helmPath(service), `--kubeconfig=${KUBECONFIG}`];
  return [
    ...manifestDirectory(service),
    releaseOf(helm(service), chart.helm, place),
    releaseOf(chartUpstream(service, chart.upstream), chart.pin, place),
    { is: 'file', path: `${folder}/values.yaml`, text, mode: 0o600 },
    {
      is: 'task',
      title: `put the chart of ${service} into the cluster`,
      done: ['sh', '-c', HAS_MARK, 'sh', helmPath(service), KUBECONFIG, service, namespace, mark],
      run: [
        ...program,
        'upgrade',
        '--install',
        service,
        `${folder}/chart.tgz`,
        `--namespace=${namespace}`,
        '--create-namespace',
        `--values=${folder}/values.yaml`,
        `--description=${mark}`,
        '--wait',
        '--timeout=15m',
      ],
      undo: [...program, 'uninstall', service, `--namespace=${namespace}`, '--ignore-not-found', '--wait'],
      withinSeconds: 1000,
    },
  ];
}
