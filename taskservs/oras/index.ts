import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { debian } from '../host/fields.ts';
import { digestField, releaseOf, type Upstream, Version } from '../host/pin.ts';
import { service } from '../host/service.ts';

const UPSTREAM: Upstream = {
  name: 'oras',
  url: 'https://github.com/oras-project/oras/releases/download/v{version}/oras_{version}_linux_{arch}.tar.gz',
  archive: 'tar.gz',
  files: [{ from: 'oras', to: '/usr/local/bin/oras', mode: 0o755 }],
  checksums: 'https://github.com/oras-project/oras/releases (oras_<version>_checksums.txt)',
  example: '1.2.0',
};

const fields = () =>
  z.strictObject({
    release: z
      .strictObject({
        version: Version.describe('Version of the release.'),
        sha256: digestField(UPSTREAM),
        url: z
          .url({ protocol: /^https?$/ })
          .max(2048)
          .optional()
          .describe('Address of the download, where it is not the one of upstream.'),
      })
      .optional()
      .describe('Install a release of upstream. Without it the package of Debian 13 is installed; Debian 12 has none.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** Brings a file into a layout on disk and gets it back, without a registry. */
const PUSH_AND_PULL = String.raw`
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf 'hello\n' > greeting.txt
oras push --oci-layout "$work/layout:v1" --artifact-type application/vnd.provisioning.probe greeting.txt:text/plain > pushed
mkdir back
oras pull --oci-layout "$work/layout:v1" --output "$work/back" > pulled
cat back/greeting.txt
`;

function want({ release }: Fields, place: HostPlace, version: string | undefined): readonly HostItem[] {
  return [
    release === undefined ? debian('oras', version) : releaseOf(UPSTREAM, release, place),
    { is: 'verify', title: 'an artifact is pushed and pulled', run: ['sh', '-c', PUSH_AND_PULL], expect: '^hello$' },
  ];
}

/** oras, artifacts in registries. */
export const oras: TaskService = service({
  name: 'oras',
  categories: ['security'],
  summary: 'Keeps artifacts of any kind in a container registry (oras).',
  source: 'debian',
  version: null,
  fields,
  holdsData: false,
  ports: () => [],
  endpoint: () => null,
  want,
});
