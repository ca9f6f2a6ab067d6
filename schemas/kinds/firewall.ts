import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { ipRange, labels } from './fields.ts';

const Rule = z.strictObject({
  direction: z.enum(['in', 'out']),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'any']),
  port: z
    .union([
      z.int().min(1).max(65_535),
      z
        .string()
        .regex(/^\d{1,5}-\d{1,5}$/, 'a port is a number, or a range such as 8000-8100')
        .refine(isPortRange, 'a range of ports goes upwards, from 1 to 65535'),
    ])
    .optional()
    .describe('One port, or a range such as `8000-8100`.'),
  sources: z.array(ipRange).max(100).optional().describe('Ranges that may connect. Default: everywhere.'),
  description: z.string().max(255).optional(),
});

function isPortRange(text: string): boolean {
  const [first = 0, last = 0] = text.split('-').map(Number);
  return first >= 1 && first <= last && last <= 65_535;
}

export const firewall: Kind = {
  name: 'firewall',
  summary: 'Packet filter rules that servers refer to. What no rule allows is dropped inbound and allowed outbound.',
  spec: z.strictObject({ rules: z.array(Rule).max(500), labels: labels.optional() }),
  fields: { rules: { effect: 'live' }, labels: { effect: 'live', sharedKeys: true } },
  outputs: { id: { lifetime: 'stable' } },
  holdsData: false,
  createFirst: true,
};
