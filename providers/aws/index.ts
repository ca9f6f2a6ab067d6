import type { Provider } from '../../schemas/provider.ts';
import { Config, capability } from './config.ts';

/** Amazon Web Services: EC2, its networks and volumes, and Elastic Load Balancing, in one region. */
export const aws: Provider = {
  name: 'aws',
  summary: 'Amazon Web Services: EC2 servers, VPC networks, EBS volumes and network load balancers of one region.',
  config: Config,
  capability,
  // Loaded when it is used: most commands need the description alone.
  connect: async (ctx, config, secrets) => (await import('./connect.ts')).connect(ctx, config, secrets),
};
