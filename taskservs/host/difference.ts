import type { HostAct } from './act.ts';
import { daemonActs, maskAct } from './daemons.ts';
import type { Draft, Scene, Want } from './draft.ts';
import { fileAct, linkAct, directoryAct, absentAct, userAct } from './files.ts';
import { probeOf } from './look.ts';
import { digest } from './marker.ts';
import { installAct, packageAstray, UPDATE_LISTS } from './packages.ts';
import { releaseAct } from './releases.ts';
import { takenAway } from './removal.ts';
import { keyOf, type PlainItem, written } from './written.ts';

/**
 * What must be done on a host so that a service is as it shall be, in order; empty when it is. Pure: the same wishes and
 * facts give the same acts. Whatever is not known about the host counts as not being there.
 */
export function difference(scene: Scene): readonly HostAct[] {
  const draft = draftOf(scene);
  const gone = leftovers(draft);
  draft.acts.push(...gone);
  for (const want of draft.plain) {
    if (want.shown.is !== 'package') flushPackages(draft);
    step(draft, want);
  }
  flushPackages(draft);
  if (draft.acts.length === 0 && draft.marker !== undefined && draft.open === undefined) return [];
  for (const { shown, real } of draft.plain) {
    if (shown.is === 'verify' && real.is === 'verify') draft.acts.push(verifyAct(draft, real, shown));
  }
  return draft.acts;
}

/** In what a service is not as it was written, in words; empty when it is. */
export function astray(scene: Scene): readonly string[] {
  const { open } = draftOf(scene);
  const reasons = difference(scene).flatMap(({ because }) => (because === undefined ? [] : [because]));
  return open === undefined ? reasons : [...reasons, 'its last run did not finish'];
}

function draftOf(scene: Scene): Draft {
  const marker = scene.facts.markers[scene.service];
  const journal = scene.facts.journals[scene.service];
  const open = journal === undefined || journal.opId === marker?.opId ? undefined : journal;
  return {
    ...scene,
    plain: plainWants(scene.wants),
    acts: [],
    marker,
    open,
    changed: new Set(),
    waiting: [],
    masked: new Set(),
    hasNewPrograms: false,
    hasNewLists: false,
  };
}

/** The wants item by item, repositories taken apart; what several items bring is there once. */
export function plainWants(wants: readonly Want[]): readonly Want<PlainItem>[] {
  const seen = new Set<string>();
  return wants.flatMap(({ shown, real }) => {
    const reals = written(real);
    return written(shown).flatMap((item, index) => {
      const id = `${item.is} ${keyOf(item)}`;
      if (item.is === 'package' && seen.has(id)) return [];
      seen.add(id);
      return [{ shown: item, real: reals[index] ?? item }];
    });
  });
}

/** What the last run made and nobody wants any more. */
function leftovers(draft: Draft): readonly HostAct[] {
  if (draft.marker === undefined) return [];
  const wanted = new Set(draft.plain.map(({ shown }) => `${shown.is} ${keyOf(shown)}`));
  const left = draft.marker.made.filter(made => !wanted.has(`${made.is} ${made.key}`));
  if (left.length === 0) return [];
  for (const { key } of left) draft.changed.add(key);
  return takenAway({ service: draft.service, marker: { ...draft.marker, made: left }, facts: draft.facts }).map(
    act => ({
      ...act,
      because: `${act.title}: it is no longer wanted`,
    }),
  );
}

function step(draft: Draft, { shown, real }: Want<PlainItem>): void {
  const { facts } = draft;
  const add = (act: HostAct | null, path?: string): void => {
    if (act === null) return;
    draft.acts.push(act);
    if (path !== undefined) draft.changed.add(path);
  };
  switch (shown.is) {
    case 'package': {
      const because = packageAstray(shown, facts.packages[shown.name]);
      if (because !== null) draft.waiting.push({ item: shown, because });
      return;
    }
    case 'release': {
      const act = releaseAct(shown, facts);
      draft.hasNewPrograms ||= act !== null;
      return add(act);
    }
    case 'user':
      return add(userAct(shown, facts));
    case 'directory':
      return add(directoryAct(shown, facts));
    case 'absent':
      return add(absentAct(draft, shown), shown.path);
    case 'link':
      return add(linkAct(draft, shown), shown.path);
    case 'file': {
      const act = real.is === 'file' ? fileAct(draft, { shown, real }) : null;
      if (act !== null && shown.path.startsWith('/etc/apt/')) draft.hasNewLists = true;
      return add(act, shown.path);
    }
    case 'daemon':
      return addDaemon(draft, shown);
    case 'task':
      return add(real.is === 'task' ? taskAct(draft, { shown, real }) : null);
    case 'verify':
      return;
  }
}

function addDaemon(draft: Draft, daemon: Extract<PlainItem, { readonly is: 'daemon' }>): void {
  const acts = daemonActs(draft, daemon);
  if (acts.length === 0) return;
  const isFirst = !draft.acts.some(act => act.title === RELOAD.title);
  draft.acts.push(...(isFirst ? [RELOAD] : []), ...acts);
}

/** Unit files may have changed; reading them again costs nothing. */
const RELOAD: HostAct = {
  do: 'run',
  title: 'read the unit files',
  argv: ['systemctl', 'daemon-reload'],
  isOurs: true,
};

function flushPackages(draft: Draft): void {
  const { waiting } = draft;
  if (waiting.length === 0) return;
  if (draft.hasNewLists) draft.acts.push(UPDATE_LISTS);
  draft.hasNewLists = false;
  const units = draft.plain.flatMap(({ shown }) =>
    shown.is === 'daemon' && isUnknown(draft, shown.unit) ? [shown.unit] : [],
  );
  const unmasked = units.filter(unit => !draft.masked.has(unit));
  if (unmasked.length > 0) draft.acts.push(maskAct(unmasked));
  for (const unit of unmasked) draft.masked.add(unit);
  draft.acts.push(
    installAct(
      waiting.map(({ item }) => item),
      waiting.map(({ because }) => because),
    ),
  );
  draft.hasNewPrograms = true;
  waiting.length = 0;
}

function isUnknown({ facts }: Draft, unit: string): boolean {
  return (facts.daemons[unit]?.enabled ?? 'not-found') === 'not-found';
}

type Task = Extract<PlainItem, { readonly is: 'task' }>;

/** Identity of what a task is run with. */
export function taskDigest({ run, stdin, as }: Task): string {
  return digest([run, stdin ?? '', as ?? '']).slice(0, 32);
}

function taskAct(draft: Draft, { shown, real }: Want<Task>): HostAct | null {
  const answer = draft.facts.tasks[probeOf(shown)];
  const isSame = draft.marker?.tasks[shown.title] === taskDigest(shown);
  // A host that is too busy to say is not one that says no: then what was run last counts.
  const isDone = answer === true || (answer === null && isSame);
  if (isDone && isSame) return null;
  const { title, run, stdin, as, withinSeconds } = real;
  return {
    do: 'run',
    title,
    because: isDone ? `${title}: it was last run with something else` : `${title}: it is not so`,
    argv: run,
    ...(stdin === undefined ? {} : { stdin }),
    ...(as === undefined ? {} : { as }),
    ...(withinSeconds === undefined ? {} : { withinSeconds }),
    ...hidden(draft, shown),
  };
}

function verifyAct(draft: Draft, item: Extract<PlainItem, { readonly is: 'verify' }>, shown: PlainItem): HostAct {
  const { title, run, stdin, as, expect, withinSeconds } = item;
  return {
    do: 'verify',
    title,
    argv: run,
    ...(stdin === undefined ? {} : { stdin }),
    ...(as === undefined ? {} : { as }),
    ...(expect === undefined ? {} : { expect }),
    ...(withinSeconds === undefined ? {} : { withinSeconds }),
    ...hidden(draft, shown),
  };
}

function hidden(draft: Draft, shown: PlainItem): { readonly isSecret?: true } {
  return draft.isSecret(shown) ? { isSecret: true } : {};
}
