import type { Change, Plan } from '../../schemas/plan.ts';
import { cutText, plainText } from '../show.ts';
import { sortedBy } from '../sort.ts';

/** A node of a graph: a resource of the files or an object of the record. */
export interface GraphNode {
  readonly address: string;
  readonly provider: string;
  readonly needs: readonly string[];
}

/** Beyond this number of nodes no browser draws the graph in reasonable time. */
const DRAWN = 400;

/** What needs what, as a Mermaid flowchart. An arrow leads from what is needed to what needs it. */
export function renderGraphMermaid(nodes: readonly GraphNode[]): string {
  const sorted = sortedBy(nodes, node => node.address);
  const shown = sorted.slice(0, DRAWN);
  const names = new Map(shown.map((node, index) => [node.address, `n${index}`]));
  const providers = new Set(shown.map(node => node.provider)).size;
  const lines = ['flowchart LR'];
  for (const { address, provider } of shown) {
    const label = providers > 1 ? `${address} (${provider})` : address;
    lines.push(`  ${names.get(address) ?? ''}["${quoted(label)}"]`);
  }
  for (const { address, needs } of shown) {
    for (const needed of needs) {
      const from = names.get(needed);
      if (from !== undefined) lines.push(`  ${from} --> ${names.get(address) ?? ''}`);
    }
  }
  if (sorted.length > DRAWN) lines.push(`  more["and ${sorted.length - DRAWN} more"]`);
  return `${lines.join('\n')}\n`;
}

const CLASSES: { readonly [action in Change['action']]: string } = {
  create: 'fill:#dafbe1,stroke:#1a7f37,color:#116329',
  update: 'fill:#fff8c5,stroke:#9a6700,color:#4d2d00',
  delete: 'fill:#ffebe9,stroke:#cf222e,color:#82071e',
  adopt: 'fill:#ddf4ff,stroke:#0969da,color:#0a3069',
  forget: 'fill:#f6f8fa,stroke:#57606a,color:#24292f',
};

const SIGNS: { readonly [action in Change['action']]: string } = {
  create: '+',
  update: '~',
  delete: '-',
  adopt: '→',
  forget: '✕',
};

/** The changes in their order, as a Mermaid flowchart: an arrow leads from what is done first. */
export function renderPlanMermaid(plan: Plan): string {
  const shown = plan.changes.slice(0, DRAWN);
  const names = new Map(shown.map((change, index) => [change.key, `c${index}`]));
  const lines = ['flowchart LR'];
  if (shown.length === 0) lines.push(`  none["${quoted(plan.workspace)} is in sync"]`);
  for (const change of shown) {
    const word = change.replaces === undefined ? change.action : 'create anew';
    lines.push(
      `  ${names.get(change.key) ?? ''}["${quoted(`${SIGNS[change.action]} ${word} ${change.address}`)}"]:::${change.action}`,
    );
  }
  for (const { key, needs } of shown) {
    for (const needed of needs) {
      const from = names.get(needed);
      if (from !== undefined) lines.push(`  ${from} --> ${names.get(key) ?? ''}`);
    }
  }
  if (plan.changes.length > DRAWN) lines.push(`  more["and ${plan.changes.length - DRAWN} more"]`);
  const used = new Set(shown.map(change => change.action));
  for (const [action, style] of Object.entries(CLASSES)) {
    if (used.has(action as Change['action'])) lines.push(`  classDef ${action} ${style}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Text inside a quoted label, where quotes and HTML would end it. */
function quoted(text: string): string {
  return cutText(plainText(text), 120)
    .replaceAll('#', '#35;')
    .replaceAll('&', '#amp;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;');
}
