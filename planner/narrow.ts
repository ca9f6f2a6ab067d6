import { Fault } from '../schemas/fault.ts';
import type { Address } from '../schemas/name.ts';
import { nearest } from '../schemas/nearest.ts';
import type { Change, Finding, PlanOptions } from '../schemas/plan.ts';
import type { Scene } from './scene.ts';
import { addTo, sortedUnique } from './sort.ts';

/**
 * The changes that remain after targets, excludes and providers that nothing may be changed at, and findings that say
 * what came in and what fell out. A target brings everything it needs; an exclude takes along everything that needs it.
 */
export function narrow(scene: Scene, changes: readonly Change[]): { changes: Change[]; findings: Finding[] } {
  const { targets, excludes } = scene.input.options;
  const findings: Finding[] = [];
  const graph = changeGraph(changes);
  let kept = [...changes];
  if (targets.length > 0) kept = keepTargets(graph, kept, { targets, findings });
  if (excludes.length > 0) kept = dropExcluded(graph, kept, { excludes, findings });
  for (const [provider, finding] of scene.barred) kept = dropBarred(graph, kept, { provider, finding, findings });
  return { changes: kept, findings };
}

/** Refuses an address that neither the files nor the record know. Throws Fault `usage`. */
export function checkOptions(scene: Scene, options: PlanOptions): void {
  const asked = sortedUnique([...options.targets, ...options.excludes]);
  if (asked.length === 0) return;
  const known = new Set<string>(scene.described.keys());
  for (const record of scene.input.recorded.objects.values()) known.add(record.address);
  const unknown = asked.filter(address => !known.has(address));
  if (unknown.length === 0) return;
  throw new Fault(
    'usage',
    unknown.map(address => {
      const meant = nearest(address, [...known]);
      return {
        id: 'CLI-ADDRESS',
        what: `there is no ${address}, neither in the files nor in the record`,
        ...(meant === undefined ? {} : { fix: `did you mean ${meant}?` }),
      };
    }),
  );
}

interface ChangeGraph {
  readonly byKey: ReadonlyMap<string, Change>;
  /** Keys of changes that need a key. */
  readonly neededBy: ReadonlyMap<string, readonly string[]>;
  /** Keys of deletions of what goes with a server, by the deletion of that. */
  readonly company: ReadonlyMap<string, readonly string[]>;
  /** The other half of a replacement. */
  readonly twin: ReadonlyMap<string, string>;
}

function changeGraph(changes: readonly Change[]): ChangeGraph {
  const neededBy = new Map<string, string[]>();
  const company = new Map<string, string[]>();
  const twin = new Map<string, string>();
  for (const change of changes) {
    if (change.goesWith !== undefined) addTo(company, change.goesWith, change.key);
    for (const key of change.needs) addTo(neededBy, key, change.key);
    if (change.replaces === undefined) continue;
    twin.set(change.key, change.replaces);
    twin.set(change.replaces, change.key);
  }
  return { byKey: new Map(changes.map(change => [change.key, change])), neededBy, company, twin };
}

/** Keys reachable from the start, halves of replacements always together, and servers with what goes with them. */
function reach(start: readonly Change[], graph: ChangeGraph, next: (change: Change) => readonly string[]): Set<string> {
  const queue = start.map(change => change.key);
  const seen = new Set(queue);
  for (let at = 0; at < queue.length; at += 1) {
    const change = graph.byKey.get(queue[at] as string);
    if (change === undefined) continue;
    const twin = graph.twin.get(change.key);
    const company = graph.company.get(change.key) ?? [];
    for (const key of [...next(change), ...company, ...(twin === undefined ? [] : [twin])]) {
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(key);
    }
  }
  return seen;
}

function keepTargets(
  graph: ChangeGraph,
  changes: readonly Change[],
  { targets, findings }: { readonly targets: readonly Address[]; readonly findings: Finding[] },
): Change[] {
  const wanted = new Set(targets);
  const start = changes.filter(change => touches(change, wanted));
  const keys = reach(start, graph, change => change.needs);
  const kept = changes.filter(change => keys.has(change.key));
  const added = kept.filter(change => !touches(change, wanted));
  if (added.length > 0) {
    const what = `${count(added.length)} came in because a target needs ${added.length === 1 ? 'it' : 'them'}: ${list(added)}`;
    findings.push({ level: 'note', id: 'PR-TARGET-NEEDS', what });
  }
  const left = changes.length - kept.length;
  if (left > 0) {
    const what = `this plan is restricted to ${wanted.size === 1 ? 'one target' : `${wanted.size} targets`}; ${count(left)} of the whole plan ${left === 1 ? 'is' : 'are'} left out`;
    findings.push({ level: 'note', id: 'PR-TARGETS', what, fix: 'plan without targets to see everything' });
  }
  return kept;
}

function dropExcluded(
  graph: ChangeGraph,
  changes: readonly Change[],
  { excludes, findings }: { readonly excludes: readonly Address[]; readonly findings: Finding[] },
): Change[] {
  const unwanted = new Set(excludes);
  const start = changes.filter(change => touches(change, unwanted));
  const { kept, dropped } = drop(graph, changes, start);
  const along = dropped.filter(change => !touches(change, unwanted));
  if (start.length > 0) {
    findings.push({ level: 'note', id: 'PR-EXCLUDES', what: `${count(start.length)} excluded: ${list(start)}` });
  }
  if (along.length > 0) {
    const what = `${count(along.length)} left out because of an exclude that ${along.length === 1 ? 'it needs' : 'they need'}: ${list(along)}`;
    findings.push({ level: 'note', id: 'PR-EXCLUDE-NEEDS', what });
  }
  return kept;
}

function dropBarred(
  graph: ChangeGraph,
  changes: readonly Change[],
  {
    provider,
    finding,
    findings,
  }: { readonly provider: string; readonly finding: Finding; readonly findings: Finding[] },
): Change[] {
  const start = changes.filter(change => change.provider === provider);
  const { kept, dropped } = drop(graph, changes, start);
  const along = dropped.length - start.length;
  const elsewhere = along === 0 ? '' : `, ${along} of them elsewhere that ${along === 1 ? 'needs' : 'need'} it`;
  const left = dropped.length === 0 ? '' : `; ${count(dropped.length)} left out${elsewhere}: ${list(dropped)}`;
  findings.push({ ...finding, what: `${finding.what}${left}` });
  return kept;
}

function drop(graph: ChangeGraph, changes: readonly Change[], start: readonly Change[]) {
  const keys = reach(start, graph, change => graph.neededBy.get(change.key) ?? []);
  return {
    kept: changes.filter(change => !keys.has(change.key)),
    dropped: changes.filter(change => keys.has(change.key)),
  };
}

function touches(change: Change, addresses: ReadonlySet<Address>): boolean {
  return addresses.has(change.address) || (change.movedFrom !== undefined && addresses.has(change.movedFrom));
}

function count(changes: number): string {
  return changes === 1 ? '1 change' : `${changes} changes`;
}

/** The first few addresses, sorted, and how many more there are. */
function list(changes: readonly Change[]): string {
  const addresses = sortedUnique(changes.map(change => change.address));
  const shown = addresses.slice(0, 5).join(', ');
  return addresses.length > 5 ? `${shown} and ${addresses.length - 5} more` : shown;
}
