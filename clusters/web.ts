import { z } from 'zod';
import type { TemplatePlace, TemplateResource } from '../schemas/cluster.ts';
import { wordsOf } from './parts/drivers.ts';
import { count, GROUND, pem, secret, servicesField, size } from './parts/fields.ts';
import { type Door, networkOf, rangeOf, subnetOf, zoned } from './parts/ground.ts';
import { eachOutput, type Group, nodeName, nodeNames, nodesOf, type Surrounds } from './parts/nodes.ts';
import { template } from './parts/template.ts';

const shape = () =>
  z.strictObject({
    ...GROUND,
    services: servicesField('nginx', 'postgres'),
    nodes: count('Web servers.', 2),
    atOnce: count('Web servers that change at the same time; the others wait.', 1),
    size: size('Size of a web server.'),
    databaseSize: size('Size of the database server.'),
    password: secret('Password of the application’s user of the database.'),
    page: z.string().max(65_536).optional().describe('Text of the first page, until you bring your own.'),
    tls: z
      .strictObject({
        certificate: pem('Certificate with its chain, in PEM.'),
        key: secret('Private key, in PEM.').max(65_536),
      })
      .optional()
      .describe('Answer by HTTPS on port 443 as well; plain HTTP then only redirects.'),
  });
type Fields = z.output<ReturnType<typeof shape>>;

const DATABASE = 'app';

/** A load balancer before web servers, and a database that only they reach. */
export const web = template({
  name: 'web',
  summary: 'Web servers behind a load balancer, with a PostgreSQL database.',
  example: `web:
  shop:
    nodes: 3
    operators: ["198.51.100.0/24"]
    sshKeys: [operator]
    password: \${secret.shop/database}
`,
  fields: shape,
  resources,
  outputs: (fields, place) => {
    const { tls } = fields;
    const address = hasBalancer(place)
      ? `\${load-balancer.${front(place)}.publicIp}`
      : `\${server.${front(place)}-1.publicIp}`;
    return {
      url: `${tls === undefined ? 'http' : 'https'}://${address}`,
      database: `\${taskserv.postgres.${nodeName(place, 'db', 1)}.endpoint}`,
    };
  },
});

function hasBalancer({ driver }: TemplatePlace): boolean {
  return wordsOf(driver).balancer !== null;
}

function front({ name }: TemplatePlace): string {
  return `${name}-front`;
}

function resources(fields: Fields, place: TemplatePlace): readonly TemplateResource[] {
  const within: Surrounds = { ground: fields, place };
  return [
    ...networkOf(fields, place),
    ...nodesOf(databaseOf(fields, place), within),
    ...nodesOf(webOf(fields, place), within),
    ...(hasBalancer(place) ? [balancerOf(fields, place)] : nodesOf(frontOf(fields, place), within)),
  ];
}

function ports({ tls }: Pick<Fields, 'tls'>): readonly number[] {
  return tls === undefined ? [80] : [80, 443];
}

function databaseOf(fields: Fields, place: TemplatePlace): Group {
  const { databaseSize, password } = fields;
  const postgres = {
    port: 5432,
    clients: [rangeOf(fields, place)],
    users: [{ name: DATABASE, password }],
    databases: [{ name: DATABASE, owner: DATABASE }],
  };
  return {
    role: 'db',
    count: 1,
    isSingle: true,
    size: { asked: databaseSize, standard: 'medium' },
    atOnce: 1,
    doors: [{ port: 5432, from: 'cluster', purpose: 'PostgreSQL for the web servers' }],
    services: () => ({ postgres }),
  };
}

function webOf(fields: Fields, place: TemplatePlace): Group {
  const { nodes, atOnce, page } = fields;
  // A server in front ends TLS itself.
  const tls = hasBalancer(place) ? fields.tls : undefined;
  // Where the balancer passes on who connects, the firewall sees the public.
  const from = wordsOf(place.driver).balancer?.keepsSender === true ? 'everybody' : 'cluster';
  const doors = ports({ tls }).map((port): Door => ({ port, from, purpose: 'Web, from the load balancer' }));
  const nginx = { port: 80, ...(page === undefined ? {} : { text: page }), ...(tls === undefined ? {} : { tls }) };
  return {
    role: 'web',
    count: nodes,
    size: { asked: fields.size, standard: 'small' },
    atOnce,
    doors,
    services: () => ({ nginx }),
  };
}

/** Where the cloud has no load balancer, a server hands the requests on. */
function frontOf(fields: Fields, place: TemplatePlace): Group {
  const { nodes, tls } = fields;
  const upstreams = eachOutput(nodeNames(place, { role: 'web', count: nodes }), 'privateIp').map(ip => `${ip}:80`);
  return {
    role: 'front',
    count: 1,
    isSingle: true,
    size: { asked: fields.size, standard: 'small' },
    atOnce: 1,
    doors: ports(fields).map((port): Door => ({ port, from: 'everybody', purpose: 'Web' })),
    services: () => ({ nginx: { port: 80, upstreams, ...(tls === undefined ? {} : { tls }) } }),
  };
}

function balancerOf(fields: Fields, place: TemplatePlace): TemplateResource {
  const { size: balancer } = wordsOf(place.driver).balancer ?? {};
  return {
    kind: 'load-balancer',
    name: front(place),
    fields: {
      ...(balancer === undefined ? {} : { size: balancer }),
      subnet: subnetOf(fields, place),
      services: ports(fields).map(port => ({ protocol: 'tcp', listenPort: port, targetPort: port })),
      targets: nodeNames(place, { role: 'web', count: fields.nodes }),
      ...zoned(fields),
    },
  };
}
