import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import {
  applied,
  inCondition,
  type KubeObject,
  manifestDirectory,
  manifestFile,
  namespaceObject,
  ready,
  upstreamManifest,
} from '../host/kube.ts';
import { digestField, imageField, pinFields, Version, releaseOf } from '../host/pin.ts';
import { service } from '../host/service.ts';

const PIPELINE = upstreamManifest('tekton', {
  file: 'pipeline',
  url: 'https://storage.googleapis.com/tekton-releases/pipeline/previous/v{version}/release.yaml',
  checksums: 'https://github.com/tektoncd/pipeline/releases (digest of release.yaml)',
  example: '0.66.0',
});
const TRIGGERS = upstreamManifest('tekton', {
  file: 'triggers',
  url: 'https://storage.googleapis.com/tekton-releases/triggers/previous/v{version}/release.yaml',
  checksums: 'https://github.com/tektoncd/triggers/releases (digest of release.yaml)',
  example: '0.30.0',
});

const fields = () =>
  z.strictObject({
    ...pinFields(PIPELINE),
    triggers: z
      .strictObject({
        version: Version.describe('Version of Tekton Triggers.'),
        sha256: digestField({ name: 'Tekton Triggers', checksums: TRIGGERS.checksums }),
      })
      .optional()
      .describe('Start pipelines by events.'),
    sampleImage: imageField('docker.io/library/busybox:1.37')
      .optional()
      .describe('Image with a shell, by its digest: with it a sample pipeline is run as a proof of use.'),
    timeoutMinutes: z
      .int()
      .min(1)
      .max(1440)
      .default(60)
      .describe('Longest time of a run, where it says nothing itself.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function settings({ timeoutMinutes }: Fields): readonly KubeObject[] {
  const map = (name: string, data: { [key: string]: string }): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'tekton-pipelines' },
    data,
  });
  return [
    map('feature-flags', { 'set-security-context': 'true', 'await-sidecar-readiness': 'true' }),
    map('config-defaults', { 'default-timeout-minutes': String(timeoutMinutes), 'default-service-account': 'default' }),
  ];
}

function sample(image: string): readonly KubeObject[] {
  const metadata = { name: 'sample', namespace: 'tekton-sample' };
  const taskSpec = { steps: [{ name: 'say', image, script: '#!/bin/sh\necho hello\n' }] };
  return [
    namespaceObject('tekton-sample', 'baseline'),
    { apiVersion: 'tekton.dev/v1', kind: 'Pipeline', metadata, spec: { tasks: [{ name: 'hello', taskSpec }] } },
    { apiVersion: 'tekton.dev/v1', kind: 'PipelineRun', metadata, spec: { pipelineRef: { name: 'sample' } } },
  ];
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const { triggers, sampleImage } = given;
  return [
    ...manifestDirectory('tekton'),
    releaseOf(PIPELINE, given, place),
    applied('tekton', 'pipeline', 'bring Tekton Pipelines into the cluster'),
    ready('requests are checked', 'tekton-pipelines', 'deployment/tekton-pipelines-webhook'),
    ready('pipelines are run', 'tekton-pipelines', 'deployment/tekton-pipelines-controller'),
    manifestFile('tekton', 'settings', settings(given)),
    applied('tekton', 'settings', 'set the limits of runs'),
    ...(triggers === undefined
      ? []
      : [
          releaseOf(TRIGGERS, triggers, place),
          applied('tekton', 'triggers', 'bring Tekton Triggers into the cluster'),
          ready('events are heard', 'tekton-pipelines', 'deployment/tekton-triggers-controller'),
        ]),
    ...(sampleImage === undefined
      ? []
      : [
          manifestFile('tekton', 'sample', sample(sampleImage)),
          applied('tekton', 'sample', 'run a sample pipeline'),
          inCondition('the sample pipeline ended well', 'tekton-sample', 'pipelinerun/sample', 'condition=Succeeded'),
        ]),
  ];
}

/** Tekton, pipelines inside a cluster. */
export const tekton: TaskService = service({
  name: 'tekton',
  categories: ['ci-cd'],
  summary: 'Pipelines that run inside a Kubernetes cluster (Tekton).',
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
