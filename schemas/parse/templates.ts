import type { ClusterTemplate, ClusterTemplates } from '../cluster.ts';
import type { Name } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import type { Finding } from './sink.ts';

/** The template of that name; undefined when there is none. */
export function templateNamed(templates: ClusterTemplates, name: Name): ClusterTemplate | undefined {
  return Object.hasOwn(templates, name) ? templates[name] : undefined;
}

/** What is said of a name that no template has. */
export function unknownTemplate(name: string, templates: ClusterTemplates): Finding {
  const known = Object.keys(templates).toSorted();
  const guess = nearest(name, known);
  return {
    id: 'WS-CLUSTER',
    what: `there is no cluster template "${showText(name)}"`,
    why: `known: ${known.join(', ')}`,
    fix: guess === undefined ? 'name one of them' : `did you mean \`${guess}\`?`,
  };
}
