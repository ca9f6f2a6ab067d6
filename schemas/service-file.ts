import { z } from 'zod';
import { Name } from './name.ts';
import { checkService } from './service-checks.ts';
import { ServiceItem } from './service-item.ts';
import { ParameterName, ServiceParameter } from './service-parameter.ts';
import { CATEGORIES, type TaskService } from './taskserv.ts';

const Path = z.string().max(1024).regex(/^\//, 'an absolute path');

const Port = z.strictObject({
  port: z.union([z.int().min(1).max(65_535), z.string()]).describe('Number, or `${parameter}`.'),
  protocol: z.enum(['tcp', 'udp']).default('tcp').describe('Protocol.'),
  reach: z.enum(['host', 'network', 'public']).describe('Who is meant to reach it.'),
  purpose: z.string().min(1).max(128).describe('What it is for.'),
});

/**
 * A task service of somebody else as one file of a workspace, `taskservs/<name>/service.yaml`: data alone, no code. In
 * every text `${parameter}` stands for the value of a parameter, `${version}` for the version that was asked for,
 * `${host.address}` and `${host.name}` for the server, and `$$` for a dollar sign.
 */
export const ServiceFile = z
  .strictObject({
    summary: z.string().min(1).max(160).describe('One sentence.'),
    categories: z.array(z.enum(CATEGORIES)).min(1).describe('Where it is listed.'),
    version: z.string().max(63).optional().describe('Version where none is asked for.'),
    needs: z.array(Name).max(16).default([]).describe('Services that must be on the same server.'),
    conflicts: z.array(Name).max(16).default([]).describe('Services that cannot be on the same server.'),
    holdsData: z.boolean().default(true).describe('Removing it loses data. False only when that is certain.'),
    isRisky: z
      .literal(true)
      .optional()
      .describe('A wrong change can cut the host off: it is taken back unless a new session can be made after it.'),
    saysGoodbye: z
      .literal(true)
      .optional()
      .describe(
        'Removing it changes something beyond its server, so it is removed although the server is deleted too.',
      ),
    data: z.array(Path).max(16).default([]).describe('Folders that stay when it is removed.'),
    parameters: z.record(ParameterName, ServiceParameter).default({}).describe('Its parameters by name.'),
    ports: z.array(Port).max(32).default([]).describe('Its doors.'),
    endpoint: z.string().max(1024).optional().describe('Where clients connect: `http://${host.address}:${port}`.'),
    items: z
      .array(ServiceItem)
      .min(1)
      .max(256)
      .describe('What shall be so on the host, in the order in which it is made.'),
  })
  .superRefine(checkService);
export type ServiceFile = z.infer<typeof ServiceFile>;

/** Makes the task service that such a file describes. */
export type DeclareService = (name: Name, file: ServiceFile) => TaskService;
