import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import { Name } from '../../schemas/name.ts';
import { secretText } from '../../schemas/secret.ts';

/** `${network.main.ipRange}` and the like: it is evaluated where the template puts it. */
const expression = z.string().regex(/\$\{[^}]+\}/);

/** An address range, or an expression for one. */
export const range = z.union([z.cidrv4('an address range is written like 10.0.0.0/16'), z.cidrv6(), expression]);

/** A secret, usually `${secret.<path>}`. There is never a default. */
export const secret = (what: string): z.ZodString =>
  secretText().max(4_096).describe(`${what} Usually \`\${secret.<path>}\`.`);

/** A PEM text, or an expression for one. */
export const pem = (what: string): z.ZodString => z.string().min(8).max(65_536).describe(what);

/** How many of something: a larger number adds some, a smaller one removes the highest. */
export const count = (what: string, standard: number, most = 50): z.ZodDefault<z.ZodInt> =>
  z.int().min(1).max(most).default(standard).describe(`${what} Default: ${standard}.`);

/** A size by the cloud's own name. */
export const size = (what: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).max(63).optional().describe(`${what} By the cloud’s own name; without it a fitting one is chosen.`);

/** Fields that every template has. */
export const GROUND = {
  operators: z
    .array(range)
    .min(1)
    .max(32)
    .describe('Ranges that may connect by SSH: where Provisioning and your operators come from.'),
  sshKeys: z
    .array(z.string().min(1).max(300))
    .max(16)
    .default([])
    .describe('Names of SSH keys of this workspace that may log in.'),
  ipRange: z
    .cidrv4('an address range is written like 10.60.0.0/24')
    .default('10.60.0.0/24')
    .describe('Range of the private network that is made for the cluster. Default: 10.60.0.0/24.'),
  subnet: Name.optional().describe('A subnet of this workspace to use, instead of a network of its own.'),
  zone: z.string().min(1).max(63).optional().describe('Zone of everything in the cluster, by the cloud’s own name.'),
  image: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Image of the servers, by the cloud’s own name; Debian 12 unless said.'),
};

/** The certificate of the name under which people reach a cluster. */
export const certificateField = () =>
  z
    .strictObject({
      certificate: pem('Certificate with its chain, in PEM.'),
      key: secret('Private key, in PEM.').max(65_536),
    })
    .describe('Certificate of that name.');

/** Parameters of the services of a template, which go before what the template says itself. */
export function servicesField(...names: readonly Name[]) {
  const parameters = z.record(z.string(), z.json()).optional();
  return z
    .strictObject(Object.fromEntries(names.map(name => [name, parameters.describe(`Parameters of \`${name}\`.`)])))
    .default({})
    .describe('Further parameters of the task services, by service; they go before what the template says.');
}

/** What every template knows of the ground that its servers stand on. */
export type Ground = z.output<z.ZodObject<typeof GROUND>> & {
  readonly services: { readonly [service: string]: { readonly [parameter: string]: Json } | undefined };
};
