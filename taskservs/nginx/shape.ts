import { z } from 'zod';
import { secretLines } from '../host/fields.ts';

const name = z.string().regex(/^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'a host name in lower case');

/** Parameters of nginx. */
export const shape = z.strictObject({
  names: z.array(name).max(32).default([]).describe('Host names it answers to; all of them unless said.'),
  port: z.int().min(1).max(65_535).default(80).describe('Port for plain HTTP. With `tls` it only redirects.'),
  text: z.string().max(1_048_576).optional().describe('Text of the page `/`, for a first look.'),
  root: z
    .string()
    .regex(/^\/[A-Za-z0-9._/-]*$/, 'an absolute path of letters, digits and . _ - /')
    .max(255)
    .default('/srv/www')
    .describe('Folder of the pages.'),
  upstreams: z
    .array(z.string().regex(/^[a-zA-Z0-9._-]+:[0-9]{1,5}$/, 'an address and a port, for example 10.0.1.5:8080'))
    .max(128)
    .optional()
    .describe('Servers that it hands requests to, instead of pages of its own.'),
  bodyMib: z.int().min(0).max(10_240).default(8).describe('Largest request body in MiB; 0 for no limit.'),
  tls: z
    .strictObject({
      port: z.int().min(1).max(65_535).default(443).describe('Port for HTTPS.'),
      certificate: z.string().min(64).max(65_536).describe('Certificate with its chain, in PEM.'),
      key: secretLines('Private key, in PEM.'),
    })
    .optional()
    .describe('Answers by HTTPS, and redirects plain HTTP.'),
});
/** Parameters of nginx, with their defaults. */
export type Shape = z.infer<typeof shape>;
