import { z } from 'zod';
import { renderGraphMermaid } from '../planner/render/mermaid.ts';
import { GRAPH_NODE, graphNode } from './graph-node.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

export const stateGraph = defineOperation({
  name: 'state.graph',
  summary: 'Draw what is recorded and what needs what, as a Mermaid graph.',
  example: 'provisioning state graph > state.mmd',
  permission: 'state:read',
  safe: true,
  input: z.strictObject(TARGET),
  output: z.strictObject({ nodes: z.array(GRAPH_NODE) }),
  async run(ports, input) {
    const { store } = await stateOf(ports, input);
    const recorded = await store.read();
    const nodes = [...recorded.objects.values()].map(record => graphNode(record.key, record));
    return { nodes: nodes.sort((a, b) => (a.address < b.address ? -1 : 1)) };
  },
  text: ({ nodes }) => renderGraphMermaid(nodes),
});
