import type { HostAct } from './act.ts';
import type { Draft, Want } from './draft.ts';
import { digest } from './marker.ts';
import type { PlainItem } from './written.ts';

type Daemon = Extract<PlainItem, { readonly is: 'daemon' }>;

/** What systemd calls a daemon that comes up by itself, or that is brought up by another one. */
const ENABLED = ['enabled', 'enabled-runtime', 'static', 'alias', 'indirect', 'generated'];

/** What a daemon runs on, as two digests: that for which it must be started again, and that which it reads on the way. */
export function daemonDigest(plain: readonly Want<PlainItem>[], daemon: Daemon): string {
  const texts = (paths: readonly string[] = []): unknown =>
    paths.map(path => {
      const file = plain.find(({ shown }) => shown.is === 'file' && shown.path === path)?.shown;
      return [path, file?.is === 'file' ? file.text : null];
    });
  const at = plain.findIndex(({ shown }) => shown === daemon);
  const programs = plain
    .slice(0, at)
    .flatMap(({ shown }) =>
      shown.is === 'package' || shown.is === 'release' ? [[shown.name, shown.version ?? '']] : [],
    );
  return `${digest([texts(daemon.restartOn), programs]).slice(0, 32)} ${digest(texts(daemon.reloadOn)).slice(0, 32)}`;
}

/** Acts that bring a daemon into its state. Whatever a killed run may have left undone is done again. */
export function daemonActs(draft: Draft, daemon: Daemon): readonly HostAct[] {
  const { unit } = daemon;
  const facts = draft.facts.daemons[unit] ?? { active: 'inactive', enabled: 'not-found' };
  const acts: HostAct[] = [];
  const isNew = draft.masked.has(unit);
  const masked = maskedFrom(draft, daemon);
  if (masked.length > 0) acts.push(unmaskAct(masked));
  if (daemon.state === 'stopped') {
    const isUp = facts.active === 'active' || facts.enabled === 'enabled';
    const because = `${unit} is ${facts.active === 'active' ? 'running' : 'enabled'}`;
    if (isUp || isNew) acts.push(systemctl(`stop ${unit}`, ['disable', '--now'], unit, isUp ? because : null));
    return acts;
  }
  if (!ENABLED.includes(facts.enabled))
    acts.push(systemctl(`enable ${unit}`, ['enable'], unit, `${unit} is not enabled`));
  const start = startOf(draft, daemon, facts.active === 'active');
  if (start !== null) acts.push(start);
  return acts;
}

/** The masked ones of the daemons that stand together from this one on: they may need each other, so they may start together. */
function maskedFrom({ plain, masked, facts }: Draft, daemon: Daemon): readonly string[] {
  const units: string[] = [];
  for (const { shown } of plain.slice(plain.findIndex(want => want.shown === daemon))) {
    if (shown.is !== 'daemon') break;
    const { unit } = shown;
    if (masked.has(unit) || facts.daemons[unit]?.enabled === 'masked-runtime') units.push(unit);
  }
  return units;
}

function unmaskAct(units: readonly string[]): HostAct {
  const title = `let ${units.join(', ')} start`;
  return { do: 'run', title, argv: ['systemctl', 'unmask', '--runtime', '--', ...units], isOurs: true };
}

function startOf(draft: Draft, daemon: Daemon, isActive: boolean): HostAct | null {
  const { unit } = daemon;
  if (!isActive) return systemctl(`start ${unit}`, ['restart'], unit, `${unit} is not running`);
  const [restart, reload] = daemonDigest(draft.plain, daemon).split(' ');
  const [restarted, reloaded] = (draft.open === undefined ? draft.marker?.daemons[unit] : undefined)?.split(' ') ?? [];
  const changes = (paths: readonly string[] = []): boolean => paths.some(path => draft.changed.has(path));
  if (draft.hasNewPrograms || changes(daemon.restartOn) || restart !== restarted)
    return systemctl(`restart ${unit}`, ['restart'], unit, `${unit} does not run on what it was last given`);
  if (changes(daemon.reloadOn) || reload !== reloaded)
    return systemctl(`reload ${unit}`, ['reload-or-restart'], unit, `${unit} has not read what it was last given`);
  return null;
}

function systemctl(title: string, verb: readonly string[], unit: string, because: string | null): HostAct {
  const act = { do: 'run', title, argv: ['systemctl', ...verb, '--', unit], withinSeconds: 300 } as const;
  return because === null ? act : { ...act, because };
}

/** Daemons that come with packages which are about to be installed: they must not start with what the package brings. */
export function maskAct(units: readonly string[]): HostAct {
  return {
    do: 'run',
    title: `keep ${units.join(', ')} from starting before it is configured`,
    argv: ['systemctl', 'mask', '--runtime', '--', ...units],
  };
}
