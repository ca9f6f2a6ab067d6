import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Address } from '../schemas/name.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import { companyOf } from './company.ts';
import type { Decision } from './decision.ts';
import { draftChange, draftDelete, draftForget } from './draft.ts';
import { handovers } from './handover.ts';
import { type Company, type Draft, linkChanges } from './link.ts';
import { chooseModes, type Modes } from './modes.ts';
import { type RecordGraph, recordGraph } from './record-graph.ts';
import type { Scene } from './scene.ts';

const NO_GRAPH: RecordGraph = { dependants: () => [] };
const NOBODY: Company = new Map();
const NO_MODES: Modes = { createFirst: new Set(), urgent: new Set(), handovers: new Map() };

/** Every change that makes the decisions true and removes what nobody describes, with its needs. In no particular order. */
export function changesFor(
  scene: Scene,
  decisions: ReadonlyMap<Address, Decision>,
): { changes: Change[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const acting = [...decisions.values()].filter(({ verdict }) => verdict !== 'keep' && verdict !== 'stuck');
  const replaced = acting.filter(decision => decision.verdict === 'replace');
  const removed = removedRecords(scene);
  const drafts: Draft[] = [
    ...acting.map(decision => ({ change: draftChange(scene, decision), decision })),
    ...replaced.map(decision => oldHalf(scene, decision)),
    ...removed.map(record => ({ change: draftDelete(scene, record, farewell(scene, record)), deletes: record })),
    ...scene.matching.forgotten.map(record => ({ change: draftForget(record, 'the files say to forget it') })),
  ];
  for (const { deletes } of drafts) if (deletes !== undefined) findings.push(...undeletable(scene, deletes));
  if (replaced.length + removed.length === 0)
    return { changes: linkChanges(drafts, { modes: NO_MODES, graph: NO_GRAPH, company: NOBODY }), findings };
  const graph = recordGraph(scene.input.recorded.objects.values(), { rules: scene.rules, today: scene.matching.today });
  const going = [...removed, ...replaced.flatMap(({ held }) => held?.record ?? [])];
  const passing = handovers(scene, { acting, going });
  const modes = chooseModes(scene, { replaced, removed, handovers: passing, graph, findings });
  const company = companyOf(scene, drafts, modes);
  return { changes: linkChanges(drafts, { modes, graph, company }), findings };
}

/** Recorded, but no longer described; and what former replacements left over. */
function removedRecords(scene: Scene): RecordedObject[] {
  const removed = [...scene.matching.deposed];
  for (const [address, { record }] of scene.matching.held) if (!scene.resources.has(address)) removed.push(record);
  return removed;
}

function oldHalf(scene: Scene, { held, after, why }: Decision): Draft {
  const record = held?.record as RecordedObject;
  return { change: draftDelete(scene, record, { why: `replaced: ${why}`, successor: after }), deletes: record };
}

function farewell(scene: Scene, record: RecordedObject) {
  if (record.key !== record.address) return { why: 'left over from a replacement', successor: null };
  return { why: scene.words.remove, successor: null };
}

/** A record whose provider is no longer configured, or no longer offers the kind, cannot be deleted by us. */
function undeletable(scene: Scene, record: RecordedObject): Finding[] {
  if (scene.rules(record.provider, record.kind) !== undefined) return [];
  return [
    {
      level: 'error',
      id: 'PR-PROVIDER',
      address: record.address,
      what: `${record.key} was made with the provider ${record.provider}, which the workspace no longer has for a ${record.kind}`,
      fix: `put ${record.provider} back into the workspace file until it is deleted, or list ${record.address} under forget`,
    },
  ];
}
