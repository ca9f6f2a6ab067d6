import { demoKind } from './kind.ts';

export const loadBalancer = demoKind({
  collection: 'load_balancers',
  fields: {
    size: 'size',
    zone: 'zone',
    subnet: 'subnet',
    algorithm: 'algorithm',
    services: 'services',
    targets: 'targets',
  },
  nested: { services: { listenPort: 'listen_port', targetPort: 'target_port', healthPath: 'health_path' } },
  resized: ['size'],
  outputs: { publicIp: 'public_ip', privateIp: 'private_ip' },
});
