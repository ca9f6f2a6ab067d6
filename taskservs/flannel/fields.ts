import { z } from 'zod';
import { imageField } from '../host/pin.ts';

const CIDR4 = z
  .string()
  .regex(/^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, 'is a range of IPv4 addresses such as 10.244.0.0/16');

/** Shape of its parameters. */
export const fields = () =>
  z.strictObject({
    images: z
      .strictObject({
        flannel: imageField('docker.io/flannel/flannel:v0.26.2'),
        plugin: imageField('docker.io/flannel/flannel-cni-plugin:v1.6.0-flannel1'),
      })
      .describe('Images, pinned by their digests: https://github.com/flannel-io/flannel/releases names them.'),
    podCidr: CIDR4.default('10.244.0.0/16').describe('Addresses of pods; the same as `podCidr` of `kubernetes`.'),
    backend: z
      .enum(['vxlan', 'host-gw', 'wireguard'])
      .default('vxlan')
      .describe('How packets travel between nodes; `wireguard` encrypts them.'),
  });
/** Its parameters with their defaults. */
export type Fields = z.output<ReturnType<typeof fields>>;
