import { z } from 'zod';
import { host, port, range, reach, secretLines } from '../host/fields.ts';

const server = z.strictObject({
  address: host.describe('Name or address.'),
  port: port.describe('Port.'),
  backup: z.boolean().default(false).describe('Whether it is used only when all others are down. Default: false.'),
  weight: z.int().min(0).max(256).default(100).describe('Share of the work. Default: 100.'),
});

const health = z.strictObject({
  path: z
    .string()
    .max(255)
    .regex(/^\/[A-Za-z0-9._~!$&()*+,;=:@%/?-]*$/, 'is a path such as /health')
    .describe('Path that answers 200 where a server is well.'),
  port: port.optional().describe('Port that it is asked at, where it is not the port of the server.'),
});

const listener = z.strictObject({
  reach: reach('network'),
  port: port.describe('Port to listen on.'),
  mode: z
    .enum(['http', 'tcp'])
    .default('http')
    .describe('Whether HTTP is understood or bytes are passed on. Default: http.'),
  servers: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'has a-z, 0-9 and -'), server)
    .describe('Servers behind it, by name.'),
  balance: z
    .enum(['roundrobin', 'leastconn', 'source', 'first'])
    .default('roundrobin')
    .describe('Who gets the next connection. Default: roundrobin.'),
  health: health
    .optional()
    .describe('Question over HTTP that tells a server that is well. Default: whether it takes connections.'),
  tls: z
    .strictObject({
      pem: secretLines('Certificate, those that vouch for it and private key, one after the other in PEM.'),
    })
    .optional()
    .describe('Ends TLS here. Only TLS 1.2 and newer.'),
  allow: z
    .array(range)
    .max(200)
    .default([])
    .describe('Only clients from these ranges may connect. Default: all that reach the port.'),
  clientTimeoutSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('Silence after which a client is let go. Default: 60.'),
  serverTimeoutSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('Silence after which a server is given up. Default: 60.'),
});

/** Fields of the service. */
export const fields = () =>
  z.strictObject({
    listeners: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'has a-z, 0-9 and -'), listener)
      .describe('Doors by name, each with the servers behind it.'),
    maxConnections: z.int().min(100).max(1_000_000).default(4000).describe('Most connections at once. Default: 4000.'),
    metricsPort: port
      .default(8404)
      .describe('Port on loopback with metrics for Prometheus and the state of the servers. Default: 8404.'),
  });

export type Fields = z.output<ReturnType<typeof fields>>;
export type Listener = z.output<typeof listener>;
