import type { Provider } from '../../schemas/provider.ts';
import { capability, Config } from './config.ts';

/** Linux hosts on this machine: containers with systemd and sshd. For development and tests. */
export const local: Provider = {
  name: 'local',
  summary:
    'Development and test: Linux hosts with systemd and sshd on this machine, in containers of podman or Docker.',
  config: Config,
  capability,
  // Loaded when it is used: most commands need the description alone.
  connect: async (ctx, config) => (await import('./connect.ts')).connect(ctx, config),
};
