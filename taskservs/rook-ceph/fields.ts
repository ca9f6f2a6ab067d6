import { z } from 'zod';
import { upstreamManifest } from '../host/kube.ts';
import { digestField, imageField, Version } from '../host/pin.ts';

const CHECKSUMS = 'https://github.com/rook/rook (of deploy/examples at the tag of the version)';
export const FILES = ['crds', 'common', 'operator'] as const;

export function upstream(file: (typeof FILES)[number]) {
  const url = `https://raw.githubusercontent.com/rook/rook/v{version}/deploy/examples/${file}.yaml`;
  return upstreamManifest('rook-ceph', { file, url, checksums: CHECKSUMS, example: '1.16.1' });
}

const digest = (name: string) => digestField({ name: `${name}.yaml of rook-ceph`, checksums: CHECKSUMS });

/** Shape of its parameters. */
export const fields = () =>
  z.strictObject({
    version: Version.describe('Version of Rook, such as 1.16.1.'),
    sha256: z
      .strictObject({ crds: digest('crds'), common: digest('common'), operator: digest('operator') })
      .describe('SHA-256 of the three manifests of upstream.'),
    image: imageField('quay.io/ceph/ceph:v19.2.0'),
    monitors: z
      .int()
      .min(1)
      .max(9)
      .refine(count => count % 2 === 1, 'is odd, so that a majority is clear')
      .default(3)
      .describe('Monitors, each on a node of its own; an odd number.'),
    managers: z.int().min(1).max(3).default(2).describe('Managers; all but one wait.'),
    deviceFilter: z
      .string()
      .regex(/^[\^\w.[\]|()$*+-]{1,128}$/, 'is a pattern of device names such as ^sd[b-z]$')
      .optional()
      .describe('Pattern of the names of empty disks that it takes. Without it no disk is touched.'),
    replicas: z.int().min(2).max(9).default(3).describe('Copies of every block, on different nodes.'),
    encrypt: z.boolean().default(true).describe('Encrypt disks and connections; false is weaker than the default.'),
    storageClass: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/)
      .default('ceph-block')
      .describe('Name of the storage class of blocks.'),
  });
/** Its parameters with their defaults. */
export type Fields = z.output<ReturnType<typeof fields>>;
