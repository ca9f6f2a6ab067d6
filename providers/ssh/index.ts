import type { Provider } from '../../schemas/provider.ts';
import { capability } from './capability.ts';
import { Config, inventory } from './config.ts';
import { connection } from './connection.ts';

/** Machines that exist already, reached over SSH: bare metal, or a virtual machine of anybody. */
export const ssh: Provider = {
  name: 'ssh',
  summary:
    'Machines that exist already: bare metal, any virtual machine. They are claimed and released, never made or deleted.',
  config: Config,
  inventory,
  capability,
  connect: () => Promise.resolve(connection),
};
