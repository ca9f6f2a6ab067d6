import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { labels, port, reference, zone } from './fields.ts';

const Service = z.strictObject({
  protocol: z.enum(['tcp', 'http', 'https']),
  listenPort: port,
  targetPort: port,
  healthPath: z.string().startsWith('/').max(255).optional(),
});

/** Whether one of the services ends TLS, however much of the list is still unknown. */
export function hasHttps(services: unknown): boolean {
  const isHttps = (one: unknown): boolean => (one as { readonly protocol?: unknown } | null)?.protocol === 'https';
  return Array.isArray(services) && services.some(isHttps);
}

export const loadBalancer: Kind = {
  name: 'load-balancer',
  summary: 'Spreads connections over servers.',
  spec: z.strictObject({
    size: z.string().min(1).max(63).optional(),
    zone: zone.optional(),
    subnet: reference('subnet').optional(),
    algorithm: z.enum(['round-robin', 'least-connections']).optional(),
    services: z.array(Service).min(1).max(30),
    targets: z.array(reference('server')).max(200).optional().describe('Servers that take the connections.'),
    labels: labels.optional(),
  }),
  fields: {
    size: { effect: 'live' },
    zone: { effect: 'replace' },
    subnet: { effect: 'replace', ref: 'subnet' },
    algorithm: { effect: 'live' },
    services: { effect: 'live' },
    targets: { effect: 'live', ref: 'server', set: true },
    labels: { effect: 'live', sharedKeys: true },
  },
  outputs: { id: { lifetime: 'stable' }, publicIp: { lifetime: 'stable' }, privateIp: { lifetime: 'stable' } },
  holdsData: false,
  createFirst: true,
};
