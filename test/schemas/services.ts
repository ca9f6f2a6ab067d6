import { z } from 'zod';
import type { Services } from '../../schemas/parse/services.ts';
import type { TaskService } from '../../schemas/taskserv.ts';

/** A service that is only looked at by the loader: it wants nothing of a host. */
function service(name: string, parameters: () => z.ZodObject, more: Partial<TaskService> = {}): TaskService {
  return {
    name,
    categories: ['databases'],
    summary: `The service ${name} of these cases.`,
    source: 'debian',
    version: null,
    parameters,
    holdsData: false,
    ports: () => [],
    endpoint: () => null,
    want: () => [],
    ...more,
  };
}

const secret = z.string().min(8).meta({ secret: true });

/** A small catalogue of task services, by which the cases check parameters. */
export const SERVICES: Services = {
  database: service('database', () =>
    z
      .strictObject({
        port: z.int().min(1).max(65_535).default(5432),
        password: secret,
        listen: z.enum(['private', 'any']).default('private'),
        peers: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
        users: z
          .record(z.string(), z.strictObject({ password: secret, superuser: z.boolean().default(false) }))
          .default({}),
        primary: z.boolean().optional(),
        follows: z.string().optional(),
      })
      .refine(({ primary, follows }) => primary !== true || follows === undefined, {
        message: 'a primary follows nobody',
        path: ['follows'],
      }),
  ),
  pooler: service('pooler', () => z.strictObject({ poolSize: z.int().min(1).default(20) }), { needs: ['database'] }),
  proxy: service('proxy', () => z.strictObject({ backends: z.array(z.string()).default([]) }), {
    conflicts: ['balancer'],
  }),
  balancer: service('balancer', () => z.strictObject({ version: z.enum(['2.8', '3.0']).default('2.8') }), {
    conflicts: ['proxy'],
  }),
};
