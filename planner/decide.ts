import type { Json } from '../schemas/json.ts';
import type { Address } from '../schemas/name.ts';
import type { Finding } from '../schemas/plan.ts';
import type { Resource } from '../schemas/resource.ts';
import { upstreamOf } from '../schemas/upstream.ts';
import { type Case, type Decision, placed, stuck } from './decision.ts';
import { decideHeld } from './decide-held.ts';
import { decideNew } from './decide-new.ts';
import { absence, outputAfter } from './outputs.ts';
import { type Lookup, resolveSpec } from './resolve.ts';
import type { Scene } from './scene.ts';
import { topology } from './topology.ts';
import { upstreamFinding, upstreamLookup } from './upstream.ts';

/** Decides every resource of the files, each after what it needs, so that it knows which outputs stay as they are. */
export function decideAll(scene: Scene): { decisions: ReadonlyMap<Address, Decision>; findings: Finding[] } {
  const findings: Finding[] = [];
  const decisions = new Map<Address, Decision>();
  const lookup = remember(ref =>
    upstreamOf(ref) === null ? outputAfter(ref, decisions, scene.rules) : upstreamLookup(scene.input.upstream, ref),
  );
  for (const resource of inOrder(scene, findings)) {
    decisions.set(resource.address, decide(scene, resource, { decisions, findings, lookup }));
  }
  return { decisions, findings };
}

/** Whatever a reference names is decided before it is asked for, so the first answer stays right. */
function remember(lookup: Lookup): Lookup {
  const known = new Map<string, Json | undefined>();
  return ref => {
    const value = known.get(ref);
    if (value !== undefined || known.has(ref)) return value;
    const found = lookup(ref);
    known.set(ref, found);
    return found;
  };
}

function inOrder(scene: Scene, findings: Finding[]): Resource[] {
  const resources = [...scene.resources.values()];
  const indexes = new Map(resources.map((resource, index) => [resource.address, index]));
  const needs = resources.map(resource => {
    const list: number[] = [];
    for (const address of resource.needs) {
      const index = indexes.get(address);
      if (index !== undefined) list.push(index);
    }
    return list;
  });
  const { order, cut } = topology(needs);
  const sorted = order.map(index => resources[index] as Resource);
  for (const index of cut) {
    const { address } = resources[index] as Resource;
    findings.push({
      level: 'error',
      id: 'PR-CYCLE',
      address,
      what: `${address} needs itself through others`,
      fix: 'remove one of the references of the circle',
      ...placed(scene, address),
    });
  }
  return sorted;
}

function decide(
  scene: Scene,
  resource: Resource,
  sofar: { readonly decisions: ReadonlyMap<Address, Decision>; readonly findings: Finding[]; readonly lookup: Lookup },
): Decision {
  const { address, provider, kind } = resource;
  const held = scene.matching.held.get(address);
  const rules = scene.rules(provider, kind);
  if (rules === undefined) {
    sofar.findings.push({
      level: 'error',
      id: 'PR-KIND',
      address,
      what: `${provider} does not offer the kind ${kind}`,
      fix: 'use another provider for it',
      ...placed(scene, address),
    });
    return stuck(resource, resource.spec, held);
  }
  const { spec: after, missing } = resolveSpec(resource.spec, sofar.lookup);
  if (missing.length > 0) reportAbsent(scene, { resource, missing }, sofar);
  const host = resource.on === undefined ? undefined : sofar.decisions.get(resource.on);
  const facts: Case = { scene, resource, rules, after, host, findings: sofar.findings };
  return held === undefined ? decideNew(facts) : decideHeld(facts, held);
}

/** An output that its object should have by now but has not would be planned as a change for ever. */
function reportAbsent(
  scene: Scene,
  { resource, missing }: { readonly resource: Resource; readonly missing: readonly string[] },
  { decisions, findings }: { readonly decisions: ReadonlyMap<Address, Decision>; readonly findings: Finding[] },
): void {
  const { address } = resource;
  for (const ref of missing) {
    if (upstreamOf(ref) !== null) {
      findings.push(upstreamFinding(scene, resource, ref));
      continue;
    }
    const why = absence(ref, decisions, scene.rules);
    if (why === null) continue;
    findings.push({
      level: 'error',
      id: 'PR-OUTPUT',
      address,
      what: `\${${ref}} has no value: ${why}`,
      ...placed(scene, address),
    });
  }
}
