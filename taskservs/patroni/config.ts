import type { HostPlace } from '../../schemas/taskserv.ts';
import { inUrl } from '../host/fields.ts';
import { heading, yaml } from '../host/render.ts';
import type { Fields } from './fields.ts';

/** Release of PostgreSQL that the distribution carries. */
export function postgresRelease({ codename }: HostPlace): string {
  return codename === 'trixie' ? '17' : '15';
}

/** Where PostgreSQL keeps everything. */
export function databaseFolder(place: HostPlace): string {
  return `/var/lib/postgresql/${postgresRelease(place)}/provisioning`;
}

const TLS = '/etc/patroni/tls';
const ETCD = '/etc/patroni/etcd';

/** `/etc/patroni/config.yml`. */
export function configText(given: Fields, place: HostPlace): string {
  const address = inUrl(place.address);
  return (
    heading() +
    yaml({
      scope: given.cluster,
      name: place.server,
      restapi: {
        listen: `${address}:${given.apiPort}`,
        connect_address: `${address}:${given.apiPort}`,
        authentication: { username: 'patroni', password: given.apiPassword },
      },
      etcd3: {
        hosts: given.etcd,
        ...(given.etcdTls === undefined
          ? {}
          : { protocol: 'https', cacert: `${ETCD}/ca.crt`, cert: `${ETCD}/tls.crt`, key: `${ETCD}/tls.key` }),
      },
      bootstrap: {
        dcs: {
          ttl: given.ttlSeconds,
          loop_wait: Math.max(1, Math.floor(given.ttlSeconds / 3)),
          retry_timeout: Math.max(3, Math.floor(given.ttlSeconds / 3)),
          maximum_lag_on_failover: 1_048_576,
          synchronous_mode: given.synchronous,
          postgresql: { use_pg_rewind: true, use_slots: true, parameters: given.parameters },
        },
        initdb: [{ encoding: 'UTF8' }, 'data-checksums', { 'auth-host': 'scram-sha-256' }, { 'auth-local': 'peer' }],
      },
      postgresql: postgresql(given, place),
      tags: { nofailover: false, noloadbalance: false },
    })
  );
}

function postgresql(given: Fields, place: HostPlace) {
  return {
    listen: `${inUrl(place.address)},127.0.0.1:${given.port}`,
    connect_address: `${inUrl(place.address)}:${given.port}`,
    data_dir: databaseFolder(place),
    bin_dir: `/usr/lib/postgresql/${postgresRelease(place)}/bin`,
    pgpass: '/var/lib/postgresql/.pgpass-patroni',
    use_unix_socket: true,
    authentication: {
      superuser: { username: 'postgres', password: given.superuserPassword },
      replication: { username: 'replicator', password: given.replicationPassword },
    },
    parameters: {
      unix_socket_directories: '/var/run/postgresql',
      password_encryption: 'scram-sha-256',
      ssl: true,
      ssl_cert_file: `${TLS}/tls.crt`,
      ssl_key_file: `${TLS}/tls.key`,
      ssl_min_protocol_version: 'TLSv1.2',
    },
    pg_hba: accessLines(given),
  };
}

/** Who may connect: over TLS unless it was said otherwise, and always with a password. */
function accessLines({ clients, plaintext }: Fields): readonly string[] {
  const way = plaintext ? 'host' : 'hostssl';
  const ranges = clients.map(range => (/[/]/.test(range) ? range : `${range}/${range.includes(':') ? 128 : 32}`));
  return [
    'local all all peer',
    'local replication all peer',
    'host all all 127.0.0.1/32 scram-sha-256',
    'host replication replicator 127.0.0.1/32 scram-sha-256',
    ...ranges.map(range => `${way} replication replicator ${range} scram-sha-256`),
    ...ranges.map(range => `${way} all all ${range} scram-sha-256`),
  ];
}
