import { z } from 'zod';
import { renderGraphMermaid } from '../planner/render/mermaid.ts';
import { loadTarget } from '../reconciler/view.ts';
import { GRAPH_NODE, graphNode } from './graph-node.ts';
import { defineOperation } from './operation.ts';
import { COMMIT, TARGET, targetOf } from './target.ts';

export const graphShow = defineOperation({
  name: 'graph.show',
  aliases: ['graph'],
  summary: 'Draw what the files describe and what needs what, as a Mermaid graph.',
  example: 'provisioning graph > graph.mmd',
  permission: 'workspace:read',
  safe: true,
  input: z.strictObject({ ...TARGET, ...COMMIT }),
  output: z.strictObject({ nodes: z.array(GRAPH_NODE) }),
  async run(ports, input) {
    const { loaded } = await loadTarget(ports, await targetOf(ports, input));
    const nodes = loaded.workspace.resources.map(resource => graphNode(resource.address, resource));
    return { nodes };
  },
  text: ({ nodes }) => renderGraphMermaid(nodes),
});
