// Loads a workspace and plans it, and nothing else: run under strace to show that neither needs a socket or a program.
import { makePlan } from '../../planner/plan.ts';
import { demo } from '../../providers/demo/index.ts';
import { emptyRecorded } from '../../schemas/checkpoint.ts';
import { loadWorkspace } from '../../schemas/parse/load.ts';

const files = new Map([
  ['workspace.yaml', new TextEncoder().encode('name: alone\nproviders:\n  demo: {}\n')],
  ['infra/main.yaml', new TextEncoder().encode('server:\n  web: { size: small, image: debian-12, zone: fi-1 }\n')],
]);
const loaded = loadWorkspace({ files, prefix: '', env: null, drivers: { demo } });
const plan = makePlan({
  loaded,
  commit: '0'.repeat(40),
  tree: '0'.repeat(40),
  recorded: emptyRecorded('alone', '0'.repeat(12)),
  observations: { demo: { status: 'complete', account: 'demo', objects: [] } },
  capability: (_, kind) => demo.capability(kind, {}),
  catalogues: {},
  options: { targets: [], excludes: [], destroy: false, allowDeletes: null },
  tool: 'test',
});
console.log(JSON.stringify({ changes: plan.changes.length, digest: plan.digest }));
