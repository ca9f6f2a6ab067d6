import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { account, debian } from '../host/fields.ts';
import { heading } from '../host/render.ts';
import { service } from '../host/service.ts';

const fields = () =>
  z.strictObject({
    nested: z
      .boolean()
      .default(false)
      .describe('Whether guests may run guests themselves. Takes effect at the next start. Default: false.'),
    users: z.array(account).max(32).default([]).describe('Existing users that may use the processor’s virtualisation.'),
  });

/** Asks QEMU whether the kernel really makes a virtual machine. */
const ASK = String.raw`
printf '%s\n' '{"execute":"qmp_capabilities"}' '{"execute":"query-kvm"}' '{"execute":"quit"}' |
  timeout 20 "$1" -accel kvm -machine none -nodefaults -display none -qmp stdio`;

/** KVM: the virtualisation of the processor. */
export const kvm = service({
  name: 'kvm',
  categories: ['hypervisor'],
  summary: 'KVM, the virtualisation of the processor, for QEMU and libvirt.',
  source: 'debian',
  version: null,
  needs: ['qemu'],
  holdsData: false,
  host: {
    paths: [
      {
        path: '/dev/kvm',
        hint: 'this server has no virtualisation: switch it on in the firmware (VT-x, AMD-V), choose a size that offers nested virtualisation, or use the service qemu alone, which is slower',
      },
    ],
  },
  fields,
  ports: () => [],
  endpoint: () => null,
  want: ({ nested, users }, { architecture }, version): readonly HostItem[] => [
    debian(architecture === 'arm64' ? 'qemu-system-arm' : 'qemu-system-x86', version),
    {
      is: 'file',
      path: '/etc/modprobe.d/provisioning-kvm.conf',
      text: `${heading()}options kvm_intel nested=${nested ? 1 : 0}\noptions kvm_amd nested=${nested ? 1 : 0}\n`,
    },
    ...users.map(
      (user): HostItem => ({
        is: 'task',
        title: `${user} may use KVM`,
        done: ['sh', '-c', 'id -nG -- "$1" | tr " " "\\n" | grep -F -x -q kvm', 'sh', user],
        run: ['usermod', '--append', '--groups', 'kvm', user],
        undo: ['gpasswd', '--delete', user, 'kvm'],
      }),
    ),
    {
      is: 'verify',
      title: 'the kernel makes a virtual machine',
      run: ['sh', '-c', ASK, 'sh', architecture === 'arm64' ? 'qemu-system-aarch64' : 'qemu-system-x86_64'],
      expect: '"enabled": true',
    },
  ],
});
