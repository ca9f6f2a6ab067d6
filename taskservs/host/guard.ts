import type { HostItem } from '../../schemas/taskserv.ts';
import type { HostAct } from './act.ts';
import { ARM_GUARD, AWAIT_SESSION, REVERT } from './guard-scripts.ts';
import { keptPath, type Made } from './marker.ts';

/** Time for the change itself, in seconds. It counts where a run is cut off or killed before it waits for a session. */
const CHANGE_SECONDS = 900;
/** Time for a new session when everything was changed. */
const SESSION_SECONDS = 40;

/** What a risky run may change on a host. */
export interface Touched {
  readonly service: string;
  /** Folder of the run. */
  readonly run: string;
  readonly items: readonly HostItem[];
  /** What a former run made. */
  readonly made: readonly Made[];
}

/**
 * A run that can cut the host off, made so that the host goes back by itself: before anything is changed that could, a timer
 * is set that puts files, daemons and kernel settings back, and only a new session stops it. Packages stay installed.
 */
export function guarded(acts: readonly HostAct[], touched: Touched): readonly HostAct[] {
  const at = acts.findIndex(act => !isOfPackages(act));
  if (at < 0) return acts;
  const { run, service } = touched;
  const words = [...pathsOf(touched), '--', ...daemonsOf(touched), '--', ...settingsOf(touched)];
  return [
    ...acts.slice(0, at),
    {
      do: 'run',
      title: 'be ready to go back',
      argv: ['sh', '-c', ARM_GUARD, 'sh', run, service, String(CHANGE_SECONDS), ...words],
      stdin: REVERT,
      isOurs: true,
    },
    ...acts.slice(at),
    {
      do: 'run',
      title: KEEP_TITLE,
      argv: ['sh', '-c', AWAIT_SESSION, 'sh', run, service, String(SESSION_SECONDS)],
      isOurs: true,
    },
  ];
}

/** What a reviewer is told of the guard. */
export const KEEP_TITLE = `keep this only if a new session can be made within ${SESSION_SECONDS} s`;

/** Installing takes minutes, and what comes with a package does not start before it is configured. */
function isOfPackages(act: HostAct): boolean {
  return act.do === 'run' && (act.argv[0] === 'apt-get' || act.argv[1] === 'mask');
}

function pathsOf({ service, items, made }: Touched): readonly string[] {
  const paths = new Set<string>();
  for (const item of items) if (item.is === 'file' || item.is === 'absent' || item.is === 'link') paths.add(item.path);
  for (const { is, key } of made) if (is === 'file' || is === 'absent' || is === 'link') paths.add(key);
  return [...paths].flatMap(path => [path, keptPath(service, path)]);
}

function daemonsOf({ items, made }: Touched): readonly string[] {
  const wanted = items.flatMap(item => (item.is === 'daemon' ? [item.unit] : []));
  return [...new Set([...wanted, ...made.flatMap(({ is, key }) => (is === 'daemon' ? [key] : []))])];
}

/** Names in files for sysctl: a file that is put back does not put back what the kernel was told. */
function settingsOf({ items }: Touched): readonly string[] {
  return items.flatMap(item =>
    item.is === 'file' && item.path.startsWith('/etc/sysctl.d/')
      ? [...item.text.matchAll(/^([a-z0-9_./-]+) *=/gm)].map(([, name = '']) => name)
      : [],
  );
}
