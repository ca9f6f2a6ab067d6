import type { Provider } from '../../schemas/provider.ts';
import { Config, capability } from './config.ts';

/** The cloud for trying things out: a process of its own that keeps servers, networks and volumes as data. */
export const demo: Provider = {
  name: 'demo',
  summary: 'A cloud on this machine that costs nothing, for trying out and for tests.',
  config: Config,
  capability,
  // Loaded when it is used: most commands need the description alone.
  connect: async (ctx, config) => (await import('./connect.ts')).connect(ctx, config),
};
