import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { labels, reference, zone } from './fields.ts';

export const server: Kind = {
  name: 'server',
  summary: 'A virtual machine with its own disk.',
  spec: z.strictObject({
    size: z.string().min(1).max(63).describe('Size by the provider’s name, for example `small` or `2xCPU-4GB`.'),
    image: z.string().min(1).max(128).describe('Operating system image, for example `debian-12`.'),
    zone: zone.optional(),
    sshKeys: z.array(reference('ssh-key')).max(32).optional().describe('Keys that may log in.'),
    subnet: reference('subnet').optional(),
    firewalls: z.array(reference('firewall')).max(16).optional(),
    placementGroup: reference('placement-group').optional(),
    publicIp: z.boolean().optional().describe('Whether it gets a public address. Default: true.'),
    userData: z.string().max(32_768).optional().describe('Cloud-init document for the first boot.'),
    labels: labels.optional(),
  }),
  fields: {
    size: { effect: 'restart' },
    image: { effect: 'replace' },
    zone: { effect: 'replace' },
    sshKeys: { effect: 'replace', ref: 'ssh-key', set: true },
    subnet: { effect: 'replace', ref: 'subnet' },
    firewalls: { effect: 'live', ref: 'firewall', set: true },
    placementGroup: { effect: 'replace', ref: 'placement-group' },
    publicIp: { effect: 'replace' },
    userData: { effect: 'replace', writeOnly: true },
    labels: { effect: 'live', sharedKeys: true },
  },
  outputs: {
    id: { lifetime: 'stable' },
    publicIp: { lifetime: 'stable' },
    privateIp: { lifetime: 'stable' },
    /** Who may log in with the SSH keys. */
    loginUser: { lifetime: 'stable' },
    /** Its SSH host key, `ssh-ed25519 ...`, decided before it was created: the first connection already knows it. */
    hostKey: { lifetime: 'stable' },
  },
  holdsData: true,
  createFirst: true,
};
