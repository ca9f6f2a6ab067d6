import { z } from 'zod';
import type { ListedParameter } from '../schemas/parameter-list.ts';

/** A field of a service or template in an answer. */
export const PARAMETER = z.strictObject({
  name: z.string(),
  type: z.string(),
  required: z.boolean(),
  description: z.string(),
  default: z.string().optional(),
});

/** Fields for people: a line each, with what it takes and what it is otherwise. */
export function parametersText(parameters: readonly ListedParameter[]): string {
  const width = Math.min(36, Math.max(0, ...parameters.map(({ name }) => name.length)));
  return parameters
    .map(({ name, type, required, description, default: standard }) => {
      const isTold = standard === undefined || description.includes('Default');
      const rest = isTold ? '' : ` Default: ${standard}.`;
      return `  ${name.padEnd(width)}  (${type}${required ? ', required' : ''}) ${description}${rest}\n`;
    })
    .join('');
}

/** Some lines, a little further to the right. */
export function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
