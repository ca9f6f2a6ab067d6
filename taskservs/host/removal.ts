import type { HostAct } from './act.ts';
import type { HostFacts } from './facts.ts';
import { keptPath, type Made, type Marker, markerPath } from './marker.ts';
import { removeAct } from './packages.ts';
import { LET_GO, PUT_BACK, STOP_DAEMON } from './scripts.ts';

interface Leaving {
  readonly service: string;
  readonly marker: Marker;
  readonly facts: Pick<HostFacts, 'markers'>;
}

/**
 * What takes a service away again, in the reverse order of making it. What was there before us is put back; packages and
 * users go only when they came with this service and no other one wants them; a daemon that ran before us goes on as it
 * did, because without the one of SSH nobody would get in again; data stays.
 */
export function takenAway(leaving: Leaving): readonly HostAct[] {
  const { marker } = leaving;
  const all = marker.made.toReversed();
  const made = all.filter(one => !isShared(leaving, one));
  const acts = all.flatMap(one => (made.includes(one) ? undoOf(leaving, one) : letGoOf(leaving, one)));
  const stays = made.filter(one => one.is === 'daemon' && !isBrought(marker, one)).toReversed();
  acts.push(...stays.map(({ key }) => asBefore(key)));
  const packages = made.filter(one => one.is === 'package' && isBrought(marker, one)).map(({ key }) => key);
  if (packages.length > 0) acts.push(removeAct(packages, marker.data.length > 0));
  // Whoever owns data must keep its number.
  const users = marker.data.length > 0 ? [] : made.filter(one => one.is === 'user' && isBrought(marker, one));
  for (const { key } of users) acts.push({ do: 'run', title: `remove the user ${key}`, argv: ['userdel', '--', key] });
  return acts;
}

/** Another service on the host wants it too. */
function isShared({ service, facts }: Leaving, one: Made): boolean {
  return Object.values(facts.markers).some(
    other => other.service !== service && other.made.some(({ is, key }) => is === one.is && key === one.key),
  );
}

/** Others may let go of a shared file at the same moment: so the host decides, where one run comes after the other. */
function letGoOf({ service }: Leaving, { is, key }: Made): readonly HostAct[] {
  if (is !== 'file' && is !== 'link') return [];
  const words = [markerPath(service), JSON.stringify({ is, key }).slice(1, -1), key, keptPath(service, key)];
  const title = `remove ${key} unless another service wants it`;
  return [{ do: 'run', title, argv: ['sh', '-c', LET_GO, 'sh', ...words], isOurs: true }];
}

/** It was not there before this service came. */
function isBrought(marker: Marker, { is, key }: Made): boolean {
  return marker.brought.includes(`${is} ${key}`);
}

function stop(daemon: string): HostAct {
  return {
    do: 'run',
    title: `stop ${daemon}`,
    argv: ['sh', '-c', STOP_DAEMON, 'sh', daemon],
    shown: ['systemctl', 'disable', '--now', daemon],
    withinSeconds: 300,
  };
}

/** Its files are those from before us by now. */
function asBefore(daemon: string): HostAct {
  return {
    do: 'run',
    title: `restart ${daemon} as it was before`,
    argv: ['systemctl', 'try-restart', '--', daemon],
    withinSeconds: 300,
  };
}

function undoOf({ service, marker }: Leaving, one: Made): readonly HostAct[] {
  const { is, key } = one;
  const back = (title: string): readonly HostAct[] => [
    { do: 'run', title, argv: ['sh', '-c', PUT_BACK, 'sh', key, keptPath(service, key)], shown: ['rm', '-f', key] },
  ];
  switch (is) {
    case 'daemon':
      return isBrought(marker, one) ? [stop(key)] : [];
    case 'task':
      return one.undo === undefined
        ? []
        : [{ do: 'run', title: `take back: ${key}`, argv: one.undo, ...(one.as === undefined ? {} : { as: one.as }) }];
    case 'file':
    case 'link':
      return back(`remove ${key}`);
    case 'absent':
      return back(`put ${key} back`);
    case 'directory':
      return marker.data.some(path => key === path || key.startsWith(`${path}/`))
        ? []
        : [
            {
              do: 'run',
              title: `remove ${key} if it is empty`,
              argv: ['sh', '-c', '[ ! -d "$1" ] || rmdir --ignore-fail-on-non-empty -- "$1"', 'sh', key],
              shown: ['rmdir', key],
            },
          ];
    case 'release':
      return [
        {
          do: 'run',
          title: `remove ${key}`,
          argv: ['rm', '-f', '--', ...(one.files ?? []), `/var/lib/provisioning/releases/${key}`],
        },
      ];
    default:
      return [];
  }
}
