import { z } from 'zod';
import { renderGraphMermaid } from '../planner/render/mermaid.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

const Node = z.strictObject({ address: z.string(), provider: z.string(), needs: z.array(z.string()) });

export const stateGraph = defineOperation({
  name: 'state.graph',
  summary: 'Draw what is recorded and what needs what, as a Mermaid graph.',
  example: 'provisioning state graph > state.mmd',
  permission: 'state:read',
  safe: true,
  input: z.strictObject(TARGET),
  output: z.strictObject({ nodes: z.array(Node) }),
  async run(ports, input) {
    const { store } = await stateOf(ports, input);
    const recorded = await store.read();
    const nodes = [...recorded.objects.values()].map(({ key, provider, needs }) => ({
      address: key,
      provider,
      needs: [...needs],
    }));
    return { nodes: nodes.sort((a, b) => (a.address < b.address ? -1 : 1)) };
  },
  text: ({ nodes }) => renderGraphMermaid(nodes),
});
