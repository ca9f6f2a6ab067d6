import { z } from 'zod';
import type { Kind } from '../kind.ts';

/** The kind of a task service on a server. Its parameters are checked by the task service itself, where one of that name is installed. */
export function taskservKind(name: `taskserv.${string}`): Kind {
  return {
    name,
    summary: 'A service installed on a server.',
    spec: z.looseObject({
      version: z.string().max(63).optional().describe('Version to install; quoted, so that 1.10 stays 1.10.'),
    }),
    fields: {},
    outputs: {
      id: { lifetime: 'stable' },
      version: { lifetime: 'volatile' },
      endpoint: { lifetime: 'volatile' },
    },
    holdsData: true,
    createFirst: false,
  };
}
