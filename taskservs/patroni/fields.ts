import { z } from 'zod';
import { doorOfHost, label, password, port, range, secretLines } from '../host/fields.ts';
import { certificate } from '../host/tls.ts';

const user = z.strictObject({
  password: password('Password of the user.'),
  databases: z.array(label).max(100).default([]).describe('Databases that belong to it; they are made.'),
});

/** Fields of the service. */
export const fields = () =>
  z.strictObject({
    cluster: label.default('postgres').describe('Name of the cluster, the same on all its servers. Default: postgres.'),
    etcd: z.array(doorOfHost).min(1).max(9).describe('Members of etcd, such as 10.0.1.5:2379.'),
    etcdTls: z
      .strictObject({
        ca: certificate.describe('Certificate in PEM of who signs those of etcd.'),
        certificate,
        key: secretLines('Its private key in PEM.'),
      })
      .optional()
      .describe('How etcd is spoken to where it asks for certificates. Default: without TLS.'),
    port: port.default(5432).describe('Port of PostgreSQL. Default: 5432.'),
    apiPort: port.default(8008).describe('Port on which each server says whether it leads. Default: 8008.'),
    clients: z
      .array(range)
      .min(1)
      .max(100)
      .describe('Ranges that clients and the other servers come from, such as 10.0.0.0/16.'),
    superuserPassword: password('Password of the superuser `postgres`.'),
    replicationPassword: password('Password with which the servers copy from each other.'),
    apiPassword: password('Password of the API of Patroni for everything that changes something.'),
    users: z
      .record(label, user)
      .default({})
      .describe('Users of PostgreSQL by name, with the databases that belong to them.'),
    parameters: z
      .record(
        z.string().regex(/^[a-z_][a-z0-9_.]{0,62}$/, 'is the name of a setting'),
        z.union([z.string().max(1000), z.number(), z.boolean()]),
      )
      .default({})
      .describe('Settings of PostgreSQL at the birth of the cluster, such as `max_connections`.'),
    synchronous: z
      .boolean()
      .default(true)
      .describe(
        'Whether a write is confirmed only when a second server has it, so that a failover loses nothing. Default: true.',
      ),
    ttlSeconds: z
      .int()
      .min(15)
      .max(300)
      .default(30)
      .describe('Seconds without a sign of life after which a leader is replaced. Default: 30.'),
    plaintext: z.boolean().default(false).describe('Weaker: whether clients may connect without TLS. Default: false.'),
  });

export type Fields = z.output<ReturnType<typeof fields>>;
