import { demoKind } from './kind.ts';

export const server = demoKind({
  collection: 'servers',
  fields: {
    size: 'size',
    image: 'image',
    zone: 'zone',
    sshKeys: 'ssh_keys',
    subnet: 'subnet',
    firewalls: 'firewalls',
    placementGroup: 'placement_group',
    publicIp: 'public_ip',
    userData: 'user_data',
  },
  resized: ['size'],
  outputs: { publicIp: 'public_ip', privateIp: 'private_ip', loginUser: 'login_user', hostKey: 'host_key' },
});
