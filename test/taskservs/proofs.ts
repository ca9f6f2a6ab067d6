import type { ServiceSpec } from '../../taskservs/host/parameters.ts';
import { ORIGIN_ROWS } from './origin/proven.ts';

/** What is done with one service on a real host. */
export interface Proof {
  readonly service: string;
  readonly parameters: ServiceSpec;
  /** The same service with something changed. */
  readonly changed: ServiceSpec;
  /** Something that a user would do with the changed service, and what it must print. */
  readonly use?: { readonly script: string; readonly prints: RegExp };
  /** Package of which Debian has two versions at the moment: the older one is installed, then the newer, then the older again. */
  readonly versions?: string;
  /** `installed` where nothing was done with it that a user would do; `used` unless said. */
  readonly proven?: 'installed';
  /** What a reader of the table should know. */
  readonly note?: string;
}

const PASSWORD = `pa"ss wo'rd \\1`;

/** Services by the host that they are tried on: each host gets its services one after the other, and the hosts run at the same time. */
export const PROOFS: { readonly [host: string]: readonly Proof[] } = {
  first: [
    { service: 'runc', parameters: {}, changed: {} },
    { service: 'crun', parameters: {}, changed: { podmanDefault: false } },
    {
      service: 'containerd',
      parameters: { systemdCgroup: false, snapshotter: 'native' },
      changed: {
        systemdCgroup: false,
        snapshotter: 'native',
        mirrors: { 'docker.io': ['https://mirror.example.org'] },
      },
      use: {
        // A root file system of one static program, run as a container.
        script: String.raw`mkdir -p /var/lib/containerd/proof/bin && apt-get install -qq -y busybox-static >/dev/null && cp /bin/busybox /var/lib/containerd/proof/bin/sh && ctr run --rm --net-host --rootfs /var/lib/containerd/proof proof /bin/sh -c 'echo in a container'; rm -rf /var/lib/containerd/proof`,
        prints: /in a container/,
      },
    },
    {
      service: 'podman',
      parameters: {},
      changed: { searchRegistries: ['docker.io'], pidsLimit: 100 },
      use: {
        script: String.raw`mkdir -p /var/lib/containers/proof/bin && apt-get install -qq -y busybox-static >/dev/null && cp /bin/busybox /var/lib/containers/proof/bin/sh && podman run --rm --network none --rootfs /var/lib/containers/proof /bin/sh -c 'echo in a container'; rm -rf /var/lib/containers/proof`,
        prints: /in a container/,
      },
    },
    {
      service: 'etcd',
      parameters: { plaintext: true },
      changed: { plaintext: true, quotaMib: 4096 },
      note: 'also with three members, of which one was killed and writes went on',
      use: { script: 'etcdctl put a 1 && etcdctl get --print-value-only a', prints: /^1$/m },
    },
    {
      service: 'wireguard',
      parameters: wireguard('10.99.0.2/32'),
      changed: wireguard('10.99.0.3/32'),
      use: { script: 'wg show wg0 allowed-ips', prints: /10\.99\.0\.3\/32/ },
      note: 'with wireguard-go, because the kernel of the test has no WireGuard',
    },
    {
      service: 'ip-aliases',
      parameters: { addresses: [{ address: '10.213.0.77/32' }] },
      changed: { addresses: [{ address: '10.213.0.78/32' }] },
      use: { script: 'ip -brief address show dev eth0', prints: /^(?!.*10\.213\.0\.77).*10\.213\.0\.78/ },
    },
    {
      service: 'local-storage',
      parameters: { volumes: { fast: { path: '/srv/fast' } } },
      changed: { volumes: { fast: { path: '/srv/fast', mode: '0700' } }, storageClass: {} },
      note: 'folders; a device needs one to be there',
    },
    { service: 'qemu', parameters: {}, changed: { images: false } },
    {
      service: 'libvirt',
      parameters: network('192.168.150.99'),
      changed: network('192.168.150.50'),
      use: { script: 'virsh net-dumpxml guests', prints: /192\.168\.150\.50/ },
    },
  ],
  second: [
    {
      service: 'mysql',
      parameters: mysql(['shop']),
      changed: mysql(['shop', 'blog']),
      use: { script: 'mariadb -N -B -e "SHOW DATABASES"', prints: /^blog$/m },
    },
    {
      service: 'pgbouncer',
      parameters: { databases: { shop: { host: '127.0.0.1' } }, users: { app: { password: PASSWORD } } },
      changed: { databases: { shop: { host: '127.0.0.1' } }, users: { app: { password: PASSWORD } }, poolSize: 7 },
      note: 'login and console; PostgreSQL behind it in the proof of Patroni',
    },
    {
      service: 'haproxy',
      versions: 'haproxy',
      parameters: haproxy(18_080),
      changed: haproxy(18_081),
      use: { script: 'curl -s http://127.0.0.1:18081/metrics', prints: /haproxy_process/ },
    },
    {
      service: 'keepalived',
      parameters: { addresses: ['10.213.1.200/32'], peers: ['10.213.1.13'], group: 7 },
      changed: { addresses: ['10.213.1.201/32'], peers: ['10.213.1.13'], group: 7 },
      use: { script: 'ip -brief address show dev eth0', prints: /10\.213\.1\.201/ },
      note: 'also on two hosts, of which the one with the address was killed and the other took it',
    },
    {
      service: 'proxy',
      parameters: { forward: { clients: ['10.213.1.0/24'], users: { app: PASSWORD } } },
      changed: { forward: { clients: ['10.213.1.0/24'], allow: ['.debian.org'] } },
      use: {
        script:
          'curl -s -o /dev/null -w "%{http_code}" -x http://127.0.0.1:3128 http://evil.example.org/ || :; curl -s -o /dev/null -w " %{http_code}" -x "http://$(hostname -I | cut -d" " -f1):3128" http://evil.example.org/',
        prints: / 403$/,
      },
    },
    {
      service: 'resolv',
      parameters: resolv('10.0.0.9'),
      changed: resolv('10.0.0.10'),
      use: { script: 'dig +short @127.0.0.1 www.lab.internal', prints: /^10\.0\.0\.10$/m },
    },
    {
      service: 'webhook',
      parameters: webhook('touched'),
      changed: webhook('touched again'),
      use: {
        script: String.raw`install -d -o hooks /srv/hooked; printf '{}' > /tmp/body; mac=$(openssl dgst -sha256 -hmac hunter2hunter2 -r /tmp/body | cut -d' ' -f1); curl -s -X POST -H "Content-Type: application/json" -H "X-Hub-Signature-256: sha256=$mac" --data-binary @/tmp/body http://127.0.0.1:9000/hooks/deploy; for _ in $(seq 200); do ls /srv/hooked | grep touched && break; done`,
        prints: /touched again/,
      },
    },
    {
      service: 'nats',
      parameters: { plaintext: true, users: { app: { password: PASSWORD } }, jetStream: {} },
      changed: { users: { app: { password: PASSWORD } }, jetStream: {} },
    },
  ],
  third: [
    {
      service: 'nginx',
      parameters: { text: 'hello' },
      changed: { text: 'goodbye', port: 8088 },
      use: {
        script: 'curl -s http://127.0.0.1:8088/; curl -s http://127.0.0.1/ || echo closed',
        prints: /goodbye\s*closed/,
      },
    },
    {
      service: 'postgres',
      parameters: postgres(PASSWORD),
      changed: postgres('correct-horse-battery'),
      use: {
        script:
          'PGPASSWORD=correct-horse-battery psql -h 127.0.0.1 -U shop -d shop -XAtq -c "CREATE TABLE rows (v int)" -c "INSERT INTO rows VALUES (42)" -c "SELECT v FROM rows"',
        prints: /^42$/m,
      },
    },
    {
      service: 'prometheus',
      parameters: prometheus({}),
      changed: prometheus({ Down: { expression: 'up == 0', summary: 'It does not answer' } }),
      use: { script: 'curl -s http://127.0.0.1:9090/api/v1/rules', prints: /"name":"Down"/ },
    },
    {
      service: 'oci-reg',
      parameters: { users: { app: PASSWORD } },
      changed: { users: { app: PASSWORD, dev: 'correct-horse-battery' } },
      use: {
        script:
          'curl -sk -u dev:correct-horse-battery -X POST -o /dev/null -w "%{http_code}" "https://$(hostname -I | cut -d" " -f1):5000/v2/app/blobs/uploads/"',
        prints: /^202$/,
      },
    },
    {
      service: 'restic',
      parameters: { repository: '/srv/backup', password: PASSWORD, paths: ['/etc'] },
      changed: { repository: '/srv/backup', password: PASSWORD, paths: ['/etc', '/root'] },
      use: {
        script:
          'systemctl start restic-backup.service && RESTIC_PASSWORD_FILE=/etc/restic/password restic -r /srv/backup snapshots',
        prints: /[/]root\b/,
      },
    },
    { service: 'kubectl', proven: 'installed', parameters: {}, changed: { completion: false } },
    {
      service: 'external-nfs',
      parameters: nfs(false),
      changed: nfs(true),
      use: { script: 'nfs-ls "nfs://127.0.0.1/var/lib/containers/share?version=4"', prints: /^/ },
      note: 'NFS-Ganesha; the kernel of the test has no NFS',
    },
    {
      service: 'os',
      parameters: os('Etc/UTC'),
      changed: os('Europe/Madrid'),
      use: { script: 'id -un ana; readlink /etc/localtime', prints: /ana\n.*Madrid/ },
    },
  ],
};

/** What `scripts/prove.ts` proves when somebody runs it, because it takes minutes, and the day on which it last held. */
export const BY_HAND: readonly (Proof & { readonly on: string })[] = [
  {
    service: 'rabbitmq',
    parameters: rabbitmq(PASSWORD),
    changed: rabbitmq('correct-horse-battery'),
    use: {
      script: `curl -sf -u app:correct-horse-battery -H 'content-type: application/json' -X PUT -d '{}' http://127.0.0.1:15672/api/queues/%2F/orders && curl -sf -u app:correct-horse-battery -X POST -H 'content-type: application/json' -d '{"properties":{},"routing_key":"orders","payload":"one","payload_encoding":"string"}' http://127.0.0.1:15672/api/exchanges/%2F/amq.default/publish && curl -sf -u app:correct-horse-battery -X POST -H 'content-type: application/json' -d '{"count":1,"ackmode":"ack_requeue_false","encoding":"auto"}' http://127.0.0.1:15672/api/queues/%2F/orders/get`,
      prints: /"payload":"one"/,
    },
    note: 'a message sent and received',
    on: '2026-11-28',
  },
  {
    service: 'desktop',
    parameters: {},
    changed: { port: 3390, users: ['games'] },
    use: {
      // The door asks the same program for a session when somebody logs in.
      script:
        'useradd -m -s /bin/bash -G desktop ana && echo ana:correct-horse-battery | chpasswd && for at in ::1 127.0.0.1; do printf correct-horse-battery | xrdp-sesrun -s $at -F 0 ana && break; done; timeout 60 sh -c "until pgrep -u ana xfce4-session; do :; done"; pgrep -u ana -l; pkill -KILL -u ana; tail -n 20 /var/log/xrdp-sesman.log',
      prints: /xfce4-session/,
    },
    note: 'a client is answered and TLS is agreed on; a user logs in and gets a session of Xfce',
    on: '2026-11-28',
  },
];

/** What other tests prove, or what could not be proven here, with the reason. */
export const ELSEWHERE: readonly {
  readonly service: string;
  readonly proven: 'used' | 'installed' | 'rendered';
  readonly note: string;
}[] = [
  ...ORIGIN_ROWS,
  {
    service: 'kvm',
    proven: 'rendered',
    note: 'a host without /dev/kvm is refused, with what to do; no host of the tests has it',
  },
  {
    service: 'redis',
    proven: 'used',
    note: 'through Git, plan and apply (`test/reconciler/services`); also healed after drift, and put back after its package was removed',
  },
  {
    service: 'patroni',
    proven: 'used',
    note: 'on three hosts with etcd (`test/taskservs/ha.integration.test.ts`): the leader was killed, writes resumed (27 s with a ttl of 20 s on a busy machine), no row was lost, and the old leader came back as a standby; not changed and not removed there',
  },
];

function wireguard(range: string): ServiceSpec {
  return {
    userspace: true,
    addresses: ['10.99.0.1/24'],
    privateKey: 'yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=',
    peers: { office: { publicKey: 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=', ranges: [range] } },
  };
}

function network(to: string): ServiceSpec {
  return { networks: { guests: { address: '192.168.150.1', from: '192.168.150.10', to, bridge: 'virbr10' } } };
}

function mysql(databases: readonly string[]): ServiceSpec {
  return { databases, users: { app: { password: PASSWORD, databases } } };
}

function rabbitmq(password: string): ServiceSpec {
  return { users: { app: { password, tags: ['management'] } } };
}

function postgres(password: string): ServiceSpec {
  return { users: [{ name: 'shop', password }], databases: [{ name: 'shop', owner: 'shop' }] };
}

function haproxy(port: number): ServiceSpec {
  return {
    listeners: { web: { port, servers: { own: { address: '127.0.0.1', port: 8404 } }, health: { path: '/healthy' } } },
  };
}

function resolv(value: string): ServiceSpec {
  return { zones: { 'lab.internal': [{ name: 'www', value }] } };
}

function webhook(name: string): ServiceSpec {
  const hook = {
    secret: 'hunter2hunter2',
    command: '/usr/bin/mkdir',
    arguments: [
      { from: 'string', name: '-p' },
      { from: 'string', name: `/srv/hooked/${name}` },
    ],
  };
  return { hooks: { deploy: hook }, writes: ['/srv'], user: 'hooks' };
}

function prometheus(rules: ServiceSpec): ServiceSpec {
  return { intervalSeconds: 1, nodeExporter: {}, alertmanager: { webhooks: ['http://127.0.0.1:9/alerts'] }, rules };
}

function nfs(readOnly: boolean): ServiceSpec {
  return { engine: 'ganesha', shares: [{ path: '/var/lib/containers/share', clients: ['10.213.2.0/24'], readOnly }] };
}

function os(timezone: string): ServiceSpec {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleE ana';
  // The hosts of a test share one kernel, and whenever systemd-sysctl runs in one of them, it sets what Debian says of this one.
  const kernel = { 'fs.protected_fifos': 1 };
  return { timezone, users: { ana: { keys: [key], sudo: true } }, kernel };
}
