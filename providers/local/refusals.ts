import type { KindCapability } from '../../schemas/provider.ts';

type Refuses = NonNullable<KindCapability['refuses']>;

/** What hosts on this machine cannot be, by kind. */
export const REFUSALS = {
  server({ placementGroup, userData, subnet }) {
    if (placementGroup !== undefined)
      return { code: 'no_groups', field: 'placementGroup', why: 'one machine has no placement groups' };
    if (typeof userData === 'string' && !userData.startsWith('#!')) {
      const why = 'userData must be a script that starts with `#!`: there is no cloud-init in a host on this machine';
      return { code: 'no_cloud_init', field: 'userData', why };
    }
    if (subnet !== undefined) return undefined;
    const why = 'a host on this machine has its address from a subnet: name one in `subnet`';
    return { code: 'no_subnet', field: 'subnet', why };
  },
} satisfies { readonly [kind: string]: Refuses };
