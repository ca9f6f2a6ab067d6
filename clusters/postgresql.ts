import { z } from 'zod';
import type { TemplatePlace, TemplateResource } from '../schemas/cluster.ts';
import { GROUND, range, secret, servicesField, size } from './parts/fields.ts';
import { type Door, networkOf, rangeOf } from './parts/ground.ts';
import { eachOutput, type Group, nodeName, nodeNames, nodesOf } from './parts/nodes.ts';
import { template } from './parts/template.ts';

/** Members of etcd: more servers of the database do not make its agreement any safer. */
const MEMBERS = 3;

const shape = () =>
  z.strictObject({
    ...GROUND,
    nodes: z.int().min(MEMBERS).max(9).default(3).describe('Servers of the database, of which one leads. Default: 3.'),
    size: size('Size of a server of the database.'),
    frontSize: size('Size of the server in front.'),
    clients: z.array(range).max(32).default([]).describe('Ranges from outside the cluster that may connect.'),
    superuserPassword: secret('Password of the superuser.'),
    replicationPassword: secret('Password with which the servers copy from each other.'),
    apiPassword: secret('Password of the API of Patroni.'),
    users: z
      .record(
        z.string(),
        z.strictObject({
          password: secret('Password of the user.'),
          databases: z.array(z.string()).max(100).default([]).describe('Databases that belong to it; they are made.'),
        }),
      )
      .default({})
      .describe('Users by name, with the databases that belong to them.'),
    services: servicesField('etcd', 'patroni', 'haproxy'),
  });
type Fields = z.output<ReturnType<typeof shape>>;

/** PostgreSQL that goes on when its leader is lost. */
export const postgresql = template({
  name: 'postgresql',
  summary: 'PostgreSQL on three or more servers with automatic failover (Patroni, etcd), and HAProxy in front.',
  example: `postgresql:
  data:
    nodes: 3
    operators: ["198.51.100.0/24"]
    sshKeys: [operator]
    superuserPassword: \${secret.data/superuser}
    replicationPassword: \${secret.data/replication}
    apiPassword: \${secret.data/api}
    users:
      shop: { password: "\${secret.data/shop}", databases: [shop] }
`,
  fields: shape,
  resources,
  outputs(_, place) {
    const front = `postgres://\${server.${nodeName(place, 'front', 1)}.privateIp}`;
    return { url: `${front}:5432`, readUrl: `${front}:5433` };
  },
});

function resources(fields: Fields, place: TemplatePlace): readonly TemplateResource[] {
  const within = { ground: fields, place };
  return [
    ...networkOf(fields, place),
    ...nodesOf(databaseOf(fields, place), within),
    ...nodesOf(frontOf(fields, place), within),
  ];
}

function databaseOf(fields: Fields, place: TemplatePlace): Group {
  const { superuserPassword, replicationPassword, apiPassword, users } = fields;
  const members = nodeNames(place, { role: 'db', count: MEMBERS });
  const ips = eachOutput(members, 'privateIp');
  const patroni = {
    cluster: place.name,
    etcd: ips.map(ip => `${ip}:2379`),
    clients: [rangeOf(fields, place), ...fields.clients],
    superuserPassword,
    replicationPassword,
    apiPassword,
    users,
    needs: members.map(member => `taskserv.etcd/${member}`),
  };
  const etcd = {
    token: place.name,
    members: Object.fromEntries(members.map((member, index) => [member, ips[index] ?? ''])),
    // Its ports are open to the servers of the cluster alone.
    plaintext: true,
  };
  const inside = (port: number, purpose: string): Door => ({ port, from: 'cluster', purpose });
  return {
    role: 'db',
    count: fields.nodes,
    size: { asked: fields.size, standard: 'medium' },
    atOnce: 1,
    isMesh: true,
    doors: [
      inside(5432, 'PostgreSQL'),
      inside(8008, 'Patroni says who leads'),
      inside(2379, 'etcd, clients'),
      inside(2380, 'etcd, members'),
    ],
    // The first member alone is no majority, so it does not wait for one.
    services: number => (number > MEMBERS ? { patroni } : { etcd: { ...etcd, waitForQuorum: number > 1 }, patroni }),
  };
}

/** Writes go to the leader, reads to those that copy from it. */
function frontOf(fields: Fields, place: TemplatePlace): Group {
  const names = nodeNames(place, { role: 'db', count: fields.nodes });
  const ips = eachOutput(names, 'privateIp');
  const servers = Object.fromEntries(names.map((name, index) => [name, { address: ips[index] ?? '', port: 5432 }]));
  const listener = (port: number, path: string) => ({ port, mode: 'tcp', servers, health: { path, port: 8008 } });
  const from = [rangeOf(fields, place), ...fields.clients];
  return {
    role: 'front',
    count: 1,
    isSingle: true,
    size: { asked: fields.frontSize, standard: 'small' },
    atOnce: 1,
    doors: [
      { port: 5432, from, purpose: 'PostgreSQL, to write' },
      { port: 5433, from, purpose: 'PostgreSQL, to read' },
    ],
    services: () => ({
      haproxy: { listeners: { write: listener(5432, '/primary'), read: listener(5433, '/replica') } },
    }),
  };
}
