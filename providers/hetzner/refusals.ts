import { hasHttps } from '../../schemas/kinds/load-balancer.ts';
import type { KindCapability } from '../../schemas/provider.ts';

type Refuses = NonNullable<KindCapability['refuses']>;

const LEAST_GB = 10;

/** What Hetzner Cloud cannot make, by kind. */
export const REFUSALS = {
  volume({ type, sizeGib }) {
    if (type === 'hdd') return { code: 'no_hdd', field: 'type', why: 'Hetzner Cloud has no volumes of the type hdd' };
    if (typeof sizeGib !== 'number' || sizeGib >= LEAST_GB) return undefined;
    const why = `a volume has at least ${LEAST_GB} GB at Hetzner Cloud`;
    return { code: 'too_small', field: 'sizeGib', why };
  },
  'load-balancer'({ services }) {
    if (!hasHttps(services)) return undefined;
    const why = 'https at Hetzner Cloud needs a certificate of theirs: use tcp, or http behind it';
    return { code: 'no_certificate', field: 'services', why };
  },
} satisfies { readonly [kind: string]: Refuses };
