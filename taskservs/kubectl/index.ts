import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { account, debian, path, secretLines } from '../host/fields.ts';
import { service } from '../host/service.ts';

const access = z.strictObject({
  path: path
    .default('/etc/kubernetes/kubectl.conf')
    .describe('File to write it to. Default: /etc/kubernetes/kubectl.conf.'),
  owner: account.default('root').describe('Who may read it. Default: root.'),
  config: secretLines('Content of a kubeconfig.'),
});

const fields = () =>
  z.strictObject({
    access: access.optional().describe('The cluster that it talks to, and as whom. Default: nobody is given access.'),
    completion: z.boolean().default(true).describe('Whether bash completes its commands. Default: true.'),
  });

function accessItems(given: z.output<typeof access>): readonly HostItem[] {
  return [
    { is: 'directory', path: given.path.slice(0, given.path.lastIndexOf('/')) || '/', mode: 0o755 },
    {
      is: 'file',
      path: given.path,
      text: given.config,
      mode: 0o600,
      owner: given.owner,
      isSecret: true,
      check: ['kubectl', '--kubeconfig={}', 'config', 'view', '--minify'],
    },
    {
      is: 'verify',
      title: 'the cluster answers',
      run: ['kubectl', `--kubeconfig=${given.path}`, 'version', '--request-timeout=5s'],
      expect: 'Server Version',
    },
  ];
}

/** kubectl: the command line of Kubernetes. */
export const kubectl = service({
  name: 'kubectl',
  categories: ['base-system', 'kubernetes'],
  summary: 'kubectl, the command line of Kubernetes.',
  source: 'debian',
  version: null,
  holdsData: false,
  conflicts: ['kubernetes'],
  fields,
  ports: () => [],
  endpoint: () => null,
  want: (given, _place, version): readonly HostItem[] => [
    debian('kubernetes-client', version),
    ...(given.completion
      ? [
          {
            is: 'file',
            path: '/etc/profile.d/provisioning-kubectl.sh',
            text: '[ -z "${BASH_VERSION:-}" ] || . /dev/fd/3 3<<EOF\n$(kubectl completion bash)\nEOF\n',
          } as const,
        ]
      : []),
    { is: 'verify', title: 'kubectl runs', run: ['kubectl', 'version', '--client'], expect: 'Client Version' },
    {
      is: 'verify',
      title: 'it writes a manifest that a cluster would take',
      run: ['kubectl', 'create', 'namespace', 'check', '--dry-run=client', '--output=name'],
      expect: '^namespace/check$',
    },
    ...(given.access === undefined ? [] : accessItems(given.access)),
  ],
});
