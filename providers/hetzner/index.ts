import type { Provider } from '../../schemas/provider.ts';
import { Config, capability } from './config.ts';

/** Hetzner Cloud: all nine kinds in one project, which is what a token belongs to. */
export const hetzner: Provider = {
  name: 'hetzner',
  summary: 'Hetzner Cloud: servers, networks, volumes, firewalls and load balancers of one project.',
  config: Config,
  capability,
  // Loaded when it is used: most commands need the description alone.
  connect: async (ctx, config, secrets) => (await import('./connect.ts')).connect(ctx, config, secrets),
};
