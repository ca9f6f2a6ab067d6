import { sameJson, type Json } from '../schemas/json.ts';
import type { Finding, Plan } from '../schemas/plan.ts';
import { eachRef, type Resource } from '../schemas/resource.ts';
import { upstreamOf, upstreamShown } from '../schemas/upstream.ts';
import type { UpstreamValues } from './foresee.ts';
import { planSpec, planValue } from './plain.ts';
import { resolveSpec } from './resolve.ts';
import type { Scene } from './scene.ts';
import { digestChanges } from './seal.ts';
import { sortedBy } from './sort.ts';

/** The value of a reference to another workspace; undefined while it has none. */
export function upstreamLookup(values: UpstreamValues | undefined, ref: string): Json | undefined {
  const outlook = values?.get(ref)?.outlook;
  return outlook?.fate === 'stays' || outlook?.fate === 'changes' ? outlook.value : undefined;
}

/** What stands against a reference that has no value: a note when it gets one before this plan is applied, else an error. */
export function upstreamFinding(scene: Scene, resource: Resource, ref: string): Finding {
  const { address } = resource;
  const upstream = upstreamOf(ref);
  const shown = upstream === null ? ref : upstreamShown(upstream);
  const known = scene.input.upstream?.get(ref);
  const at = scene.place(address, pathOf(resource, ref));
  const frame = { address, ...(at === undefined ? {} : { at }) };
  if (known === undefined)
    return { ...frame, level: 'error', id: 'PR-UPSTREAM', what: `${shown} has no value: it was not looked up` };
  const { workspace, outlook } = known;
  const why = 'why' in outlook ? outlook.why : '';
  if (outlook.fate === 'later')
    return {
      ...frame,
      level: 'note',
      id: 'PR-UPSTREAM-LATER',
      what: `${shown} gets its value when ${workspace} is applied`,
      why: `${why} there first, and then this`,
    };
  const fix =
    outlook.fate === 'goes' ? `take the reference out, or keep it in ${workspace}` : `apply ${workspace} first`;
  return { ...frame, level: 'error', id: 'PR-UPSTREAM', what: `${shown} has no value: ${why}`, fix };
}

function pathOf({ spec }: Resource, wanted: string): readonly string[] {
  let found: readonly string[] = [];
  eachRef(spec, (ref, path) => {
    if (ref === wanted && found.length === 0) found = path;
  });
  return found;
}

/** What a plan pins of other workspaces: every value that its files refer to. Nothing when they refer to none. */
export function upstreamPins({ input, resources }: Scene): Pick<Plan, 'upstream'> {
  const { upstream } = input;
  if (upstream === undefined || upstream.size === 0 || resources.size === 0) return {};
  const pins = [...upstream].map(([ref, { workspace }]) => ({
    ref,
    workspace,
    value: planValue(upstreamLookup(upstream, ref) ?? null),
  }));
  return { upstream: sortedBy(pins, ({ ref }) => ref) };
}

/**
 * Whether a plan asks for the reviewed changes and nothing else. Values of other workspaces that nobody could know at the
 * review, and that are known now, do not make it another plan: the reviewer saw where they come from.
 */
export function asksForSame(reviewed: Plan, now: Plan): boolean {
  if (reviewed.changesDigest === now.changesDigest) return true;
  const open = new Set(reviewed.upstream?.filter(({ value }) => value === null).map(({ ref }) => ref));
  const filled = new Map(
    now.upstream?.filter(({ ref, value }) => open.has(ref) && value !== null).map(one => [one.ref, one.value]),
  );
  if (filled.size === 0) return false;
  const lookup = (ref: string) => filled.get(ref);
  const changes = reviewed.changes.map(change => ({
    ...change,
    after: change.after === null ? null : planSpec(resolveSpec(change.after, lookup).spec),
    fields: change.fields.map(field => ({ ...field, ...planSpec(resolveSpec({ after: field.after }, lookup).spec) })),
  }));
  return digestChanges(changes) === now.changesDigest;
}

/** One sentence for each value of another workspace in which two plans differ. */
export function upstreamDifferences(reviewed: Plan, now: Plan, show: (value: Json) => string): string[] {
  const before = new Map(reviewed.upstream?.map(pin => [pin.ref, pin]));
  const after = new Map(now.upstream?.map(pin => [pin.ref, pin]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap(ref => {
    const [a, b] = [before.get(ref), after.get(ref)];
    if (sameJson(a ?? null, b ?? null)) return [];
    const upstream = upstreamOf(ref);
    const name = upstream === null ? ref : upstreamShown(upstream);
    if (a === undefined) return [`${name} is read now, and was not when this was reviewed`];
    if (b === undefined) return [`${name} is not read any more`];
    return [`${name} changed: reviewed ${show(a.value)}, now ${show(b.value)}`];
  });
}
