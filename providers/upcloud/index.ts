import type { Provider } from '../../schemas/provider.ts';
import { Config, capability } from './config.ts';

/** UpCloud, over its API 1.3. */
export const upcloud: Provider = {
  name: 'upcloud',
  summary: 'UpCloud: servers, networks, disks, load balancers and floating addresses.',
  config: Config,
  capability,
  // Loaded when it is used: most commands need the description alone.
  connect: async (ctx, config, secrets) => (await import('./connect.ts')).connect(ctx, config, secrets),
};
