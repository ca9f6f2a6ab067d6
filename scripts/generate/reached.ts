import { eachNode, isNode, lineOf, type Node, parsed, type Source } from './tree.ts';

/** A failpoint that the code reaches: a pattern, because a name may be put together. */
export interface Reached {
  readonly path: string;
  readonly line: number;
  readonly text: string;
  readonly point: RegExp;
}

/**
 * Failpoints that these sources reach: by a literal name, by a name that is put together, or by a name that is handed on
 * under a field (`reach(request.accepted)` with `accepted: 'create.accepted'` elsewhere).
 */
export function reachedIn(sources: readonly Source[]): readonly Reached[] {
  const found: Reached[] = [];
  const fields = new Set<string>();
  const add = (source: Source, node: Node, texts: readonly string[]): void => {
    for (const text of texts) {
      found.push({ path: source.path, line: lineOf(source, node.start), text, point: new RegExp(`^${text}$`) });
    }
  };
  for (const source of sources) {
    eachNode(parsed(source).program, node => {
      const argument = reachArgument(node);
      if (argument === null) return;
      add(source, node, textsOf(argument));
      if (argument.type === 'MemberExpression') fields.add(String((argument['property'] as Node)['name']));
    });
  }
  for (const source of sources) {
    eachNode(parsed(source).program, node => {
      if (node.type !== 'Property' || !fields.has(String((node['key'] as Node)['name']))) return;
      const value = node['value'];
      if (isNode(value) && value.type === 'Literal') add(source, node, textsOf(value));
    });
  }
  return found;
}

/** What `reach(...)` or `world.reach(...)` is called with; null for another node. */
function reachArgument(node: Node): Node | null {
  if (node.type !== 'CallExpression') return null;
  const callee = node['callee'] as Node;
  const name = callee.type === 'MemberExpression' ? (callee['property'] as Node)['name'] : callee['name'];
  const [argument] = node['arguments'] as readonly Node[];
  return name === 'reach' && argument !== undefined ? argument : null;
}

function textsOf(node: Node): readonly string[] {
  // Others call a thing `reach` too; a failpoint is a noun, a dot and a moment.
  if (node.type === 'Literal') {
    const text = String(node['value']);
    return text.includes('.') ? [text.replaceAll('.', '\\.')] : [];
  }
  if (node.type === 'ConditionalExpression') {
    return [...textsOf(node['consequent'] as Node), ...textsOf(node['alternate'] as Node)];
  }
  if (node.type !== 'TemplateLiteral') return [];
  const parts = (node['quasis'] as readonly Node[]).map(part => (part['value'] as { readonly cooked: string }).cooked);
  return [parts.map(part => part.replaceAll('.', '\\.')).join('[a-z]+')];
}
