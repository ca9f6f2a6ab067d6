import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian } from '../host/fields.ts';
import { service } from '../host/service.ts';
import { BOOT } from './boot.ts';

const GUESTS = {
  x86: 'qemu-system-x86',
  arm: 'qemu-system-arm',
  ppc: 'qemu-system-ppc',
  misc: 'qemu-system-misc',
} as const;

const fields = () =>
  z.strictObject({
    guests: z
      .array(z.enum(['x86', 'arm', 'ppc', 'misc']))
      .max(4)
      .default([])
      .describe('Processors of guests besides that of the server itself.'),
    images: z.boolean().default(true).describe('Whether qemu-img is there to make and change images. Default: true.'),
  });

function own({ architecture }: HostPlace): 'x86' | 'arm' {
  return architecture === 'arm64' ? 'arm' : 'x86';
}

function verify(place: HostPlace): HostItem {
  if (own(place) === 'arm') {
    return {
      is: 'verify',
      title: 'qemu runs',
      run: ['qemu-system-aarch64', '--version'],
      expect: 'QEMU emulator version',
    };
  }
  return {
    is: 'verify',
    title: 'a machine boots and says OK',
    run: ['sh', '-c', BOOT, 'sh', 'tcg', 'qemu-system-x86_64'],
    expect: 'OK',
    withinSeconds: 120,
  };
}

/** QEMU: virtual machines of many processors. */
export const qemu = service({
  name: 'qemu',
  categories: ['hypervisor'],
  summary: 'QEMU, which runs virtual machines of many processors.',
  source: 'debian',
  version: null,
  holdsData: false,
  host: { memoryMib: 256, diskMib: 512 },
  fields,
  ports: () => [],
  endpoint: () => null,
  want: (given, place, version) => [
    ...[...new Set([own(place), ...given.guests])].sort().map(guest => debian(GUESTS[guest], version)),
    ...(given.images ? [debian('qemu-utils')] : []),
    verify(place),
  ],
});
