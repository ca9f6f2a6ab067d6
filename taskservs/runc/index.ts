import { z } from 'zod';
import { debian } from '../host/fields.ts';
import { service } from '../host/service.ts';

/** runc: the reference program that starts containers. */
export const runc = service({
  name: 'runc',
  categories: ['container-runtime'],
  summary: 'runc, the reference program that starts containers.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields: () => z.strictObject({}),
  ports: () => [],
  endpoint: () => null,
  want: (_fields, _place, version) => [
    debian('runc', version),
    {
      is: 'verify',
      title: 'runc knows the specification of containers',
      run: ['runc', '--version'],
      expect: 'spec: 1\\.',
    },
    {
      is: 'verify',
      title: 'runc can ask this kernel for its containers',
      run: ['runc', '--root', '/run/provisioning-runc', 'list'],
      expect: '^ID ',
    },
  ],
});
