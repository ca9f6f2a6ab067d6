import { hasHttps } from '../../schemas/kinds/load-balancer.ts';
import type { KindCapability } from '../../schemas/provider.ts';

type Refuses = NonNullable<KindCapability['refuses']>;

/** What UpCloud has no word for, by kind. */
export const REFUSALS = {
  volume({ format = 'none' }) {
    if (format === 'none') return undefined;
    return { code: 'format', field: 'format', why: 'UpCloud does not make file systems; leave `format` out' };
  },
  'load-balancer'({ algorithm, services }) {
    if (algorithm !== undefined) {
      const why = 'UpCloud does not let the algorithm be chosen; leave it out';
      return { code: 'algorithm', field: 'algorithm', why };
    }
    if (!hasHttps(services)) return undefined;
    const why = 'https needs a certificate at UpCloud; use tcp, and end TLS on the servers';
    return { code: 'https', field: 'services', why };
  },
} satisfies { readonly [kind: string]: Refuses };
