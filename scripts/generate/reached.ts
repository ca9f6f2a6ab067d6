import { eachNode, lineOf, type Node, parsed, type Source } from './tree.ts';

/** Failpoints that the code reaches: literal names, and patterns for names that are put together. */
export function reachedIn(
  source: Source,
): readonly { readonly point: RegExp; readonly text: string; readonly line: number }[] {
  const found: { point: RegExp; text: string; line: number }[] = [];
  eachNode(parsed(source).program, node => {
    if (node.type !== 'CallExpression') return;
    const callee = node['callee'] as Node;
    const name = callee.type === 'MemberExpression' ? (callee['property'] as Node)['name'] : callee['name'];
    const [argument] = node['arguments'] as readonly Node[];
    if (name !== 'reach' || argument === undefined) return;
    for (const text of textsOf(argument)) {
      found.push({ point: new RegExp(`^${text}$`), text, line: lineOf(source, node.start) });
    }
  });
  return found;
}

function textsOf(node: Node): readonly string[] {
  if (node.type === 'Literal') return [String(node['value']).replaceAll('.', '\\.')];
  if (node.type === 'ConditionalExpression')
    return [...textsOf(node['consequent'] as Node), ...textsOf(node['alternate'] as Node)];
  if (node.type !== 'TemplateLiteral') return [];
  const parts = (node['quasis'] as readonly Node[]).map(part => (part['value'] as { readonly cooked: string }).cooked);
  return [parts.map(part => part.replaceAll('.', '\\.')).join('[a-z]+')];
}
