import type { KindCapability } from '../../schemas/provider.ts';

type Refuses = NonNullable<KindCapability['refuses']>;

/** The one size of a load balancer: those grow by themselves. */
export const BALANCER_SIZE = 'network';

/** What AWS cannot make, by kind. */
export const REFUSALS = {
  volume({ format = 'none' }) {
    if (format === 'none') return undefined;
    return { code: 'no_format', field: 'format', why: 'AWS makes no file systems: leave format out' };
  },
  'load-balancer'({ size, subnet, algorithm }) {
    if (size === 'application') {
      const why =
        'an application load balancer of AWS needs subnets in two zones, and this kind names one: use size network';
      return { code: 'two_zones_needed', field: 'size', why };
    }
    if (size !== undefined && size !== BALANCER_SIZE)
      return { code: 'unknown_size', field: 'size', why: 'the one size of a load balancer of AWS is network' };
    if (algorithm !== undefined) {
      const why = 'a network load balancer of AWS spreads connections in its own way: leave algorithm out';
      return { code: 'no_algorithm', field: 'algorithm', why };
    }
    if (subnet !== undefined) return undefined;
    return { code: 'subnet_missing', field: 'subnet', why: 'a load balancer of AWS needs a subnet' };
  },
} satisfies { readonly [kind: string]: Refuses };
