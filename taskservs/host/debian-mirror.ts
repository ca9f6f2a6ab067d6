import type { Mirror } from '../../schemas/mirror.ts';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { heading } from './render.ts';
import { entryPath } from './written.ts';

const FOLDER = '/etc/apt/provisioning.sources.d';
const KEY = '/etc/apt/keyrings/provisioning-debian.asc';
const DEBIANS_KEY = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Where Debian publishes what, and what a suite is called there. */
const SUITES = {
  release: ['deb.debian.org/debian', ''],
  updates: ['deb.debian.org/debian', '-updates'],
  security: ['security.debian.org/debian-security', '-security'],
} as const;

type Debian = NonNullable<Mirror['debian']>;

/**
 * Makes apt fetch Debian's own packages from a mirror. The sources of the host stay as they are: apt is told to look into a
 * folder of ours instead, so that taking three files away brings back what was there, whatever the image had.
 */
export function debianMirror(url: string, { suites, key }: Debian, { codename }: HostPlace): readonly HostItem[] {
  const entries = suites.map(suite => {
    const [path, suffix] = SUITES[suite];
    const signed = key === undefined ? DEBIANS_KEY : KEY;
    return `Types: deb\nURIs: ${url}/${path}\nSuites: ${codename}${suffix}\nComponents: main\nSigned-By: ${signed}\n`;
  });
  return [
    { is: 'directory', path: FOLDER, mode: 0o755 },
    ...(key === undefined ? [] : [{ is: 'file', path: KEY, text: `${key.trimEnd()}\n` } as const]),
    { is: 'file', path: `${FOLDER}/debian.sources`, text: heading() + entries.join('\n') },
    {
      is: 'file',
      path: '/etc/apt/apt.conf.d/90provisioning-mirror',
      text: `${heading('//')}Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "${FOLDER}";\n`,
    },
  ];
}

/** Lets apt find the repository of somebody else in the folder of ours too. */
export function besideDebian(repository: string): HostItem {
  return { is: 'link', path: `${FOLDER}/${repository}.sources`, to: entryPath(repository) };
}
