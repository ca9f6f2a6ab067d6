interface Row {
  readonly service: string;
  readonly proven: 'used' | 'installed' | 'rendered';
  readonly note: string;
}

const rows = (proven: Row['proven'], note: string, services: readonly string[]): readonly Row[] =>
  services.map(service => ({ service, proven, note }));

/** What was proven of the services that do not come from Debian 12: the table of the documentation. */
export const ORIGIN_ROWS: readonly Row[] = [
  { service: 'kms', proven: 'used', note: 'tang: a text encrypted, and decrypted with its help' },
  {
    service: 'oras',
    proven: 'used',
    note: 'the package of Debian 13: an artifact pushed and pulled (`test/taskservs/oras.integration.test.ts`)',
  },
  { service: 'nushell', proven: 'used', note: 'the real program, in an archive like that of upstream' },
  {
    service: 'provisioning',
    proven: 'used',
    note: 'this program itself with a real Node.js: it follows a repository on its host and makes the server that was pushed there, in a demo cloud beside it',
  },
  ...rows(
    'installed',
    'a stand-in in the place of the program, over a mirror or a signed repository that the test made',
    [
      'actions-runner',
      'buildkit',
      'coder',
      'coredns',
      'crio',
      'gitea',
      'grafana',
      'jaeger',
      'loki',
      'mongodb',
      'polkadot',
      'radicle',
      'step-ca',
      'youki',
    ],
  ),
  ...rows('rendered', 'manifests, values and commands; no cluster was there to take them', [
    'argocd',
    'calico',
    'cert-manager',
    'cilium',
    'flannel',
    'harbor',
    'mayastor',
    'rook-ceph',
    'tekton',
    'velero',
  ]),
  ...rows(
    'rendered',
    'the kubelet does not get up in the hosts of the tests (control groups); on 2026-11-28 the real kubeadm 1.34.4 took the files of every role, and etcd, API server, controllers and scheduler ran by what it made of them (`npx tsx scripts/kubernetes/main.ts`)',
    ['kubernetes'],
  ),
];

/** Those that `origins.integration.test.ts` tries on real hosts. */
export const TRIED: readonly string[] = ORIGIN_ROWS.filter(({ proven }) => proven !== 'rendered').map(
  ({ service }) => service,
);
