import { hostOf } from '../../schemas/name.ts';
import type { Change, Plan } from '../../schemas/plan.ts';
import { cutText, plainText } from '../show.ts';
import { addTo, sortedBy } from '../sort.ts';

/** A node of a graph: a resource of the files or an object of the record. */
export interface GraphNode {
  readonly address: string;
  readonly provider: string;
  readonly needs: readonly string[];
}

/** Beyond this number of nodes no browser draws the graph in reasonable time. */
const DRAWN = 400;

/** What needs what, as a Mermaid flowchart. An arrow leads from what is needed to what needs it; services stand in their servers. */
export function renderGraphMermaid(nodes: readonly GraphNode[]): string {
  const sorted = sortedBy(nodes, node => node.address);
  const shown = sorted.slice(0, DRAWN);
  const names = new Map(shown.map((node, index) => [node.address, `n${index}`]));
  const providers = new Set(shown.map(node => node.provider)).size;
  const boxes = shown.map(({ address, provider, needs }): Box => {
    const label = providers > 1 ? `${address} (${provider})` : address;
    const server = names.get(hostOf(address) ?? '');
    return {
      id: names.get(address) ?? '',
      label,
      needs: known(needs, names),
      ...(server === undefined ? {} : { server }),
    };
  });
  return drawn(boxes, sorted.length);
}

/** One box of a chart. */
interface Box {
  readonly id: string;
  readonly label: string;
  /** Boxes from which an arrow leads here. */
  readonly needs: readonly string[];
  /** The box that it stands in. */
  readonly server?: string;
  readonly style?: string;
}

function known(needs: readonly string[], names: ReadonlyMap<string, string>): readonly string[] {
  return needs.flatMap(needed => names.get(needed) ?? []);
}

/** That a service stands in its server says that it needs it; no arrow can lead from a box to what stands in it. */
function drawn(boxes: readonly Box[], count: number): string {
  const inside = new Map<string, Box[]>();
  for (const box of boxes) if (box.server !== undefined) addTo(inside, box.server, box);
  const lines = ['flowchart LR'];
  for (const box of boxes) if (box.server === undefined) lines.push(...boxLines(box, inside.get(box.id) ?? []));
  const servers = new Map(boxes.map(({ id, server }) => [id, server]));
  for (const { id, needs, server } of boxes)
    for (const from of needs) if (from !== server && servers.get(from) !== id) lines.push(`  ${from} --> ${id}`);
  if (count > DRAWN) lines.push(`  more["and ${count - DRAWN} more"]`);
  return `${lines.join('\n')}\n`;
}

function boxLines(box: Box, services: readonly Box[]): readonly string[] {
  const { id, label, style } = box;
  const text = `${id}["${quoted(label)}"]`;
  const node = ({ id: of, label: words, style: as }: Box): string =>
    `${of}["${quoted(words)}"]${as === undefined ? '' : `:::${as}`}`;
  if (services.length === 0) return [`  ${node(box)}`];
  const inner = services.map(service => `    ${node(service)}`);
  // A frame takes its style in a line of its own.
  return [`  subgraph ${text}`, ...inner, '  end', ...(style === undefined ? [] : [`  class ${id} ${style}`])];
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

/** The changes in their order, as a Mermaid flowchart: an arrow leads from what is done first; services stand in their servers. */
export function renderPlanMermaid(plan: Plan): string {
  const shown = plan.changes.slice(0, DRAWN);
  if (shown.length === 0) return `flowchart LR\n  none["${quoted(plan.workspace)} is in sync"]\n`;
  const names = new Map(shown.map((change, index) => [change.key, `c${index}`]));
  const frames = new Map<string, Box>();
  const boxes = shown.map((change): Box => {
    const word = change.replaces === undefined ? change.action : 'create anew';
    const label = `${SIGNS[change.action]} ${word} ${change.address}`;
    const server = serverOf(change, { shown, names, frames });
    const id = names.get(change.key) ?? '';
    const needs = known(change.needs, names);
    return { id, label, needs, style: change.action, ...(server === undefined ? {} : { server }) };
  });
  const used = new Set(shown.map(change => change.action));
  const styles = Object.entries(CLASSES).filter(([action]) => used.has(action as Change['action']));
  const text = drawn([...frames.values(), ...boxes], plan.changes.length);
  return `${text}${styles.map(([action, style]) => `  classDef ${action} ${style}\n`).join('')}`;
}

/** The box of the server that a service changes on: its change, or a frame where nothing changes on the server itself. */
function serverOf(
  { address, action }: Change,
  {
    shown,
    names,
    frames,
  }: {
    readonly shown: readonly Change[];
    readonly names: ReadonlyMap<string, string>;
    readonly frames: Map<string, Box>;
  },
): string | undefined {
  const server = hostOf(address);
  if (server === undefined) return undefined;
  // Of a server that is made anew, what goes stands in the old one.
  const changes = shown.filter(change => change.address === server);
  const own = changes.find(change => (change.action === 'delete') === (action === 'delete')) ?? changes[0];
  if (own !== undefined) return names.get(own.key);
  const frame = frames.get(server) ?? { id: `s${frames.size}`, label: server, needs: [] };
  frames.set(server, frame);
  return frame.id;
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
