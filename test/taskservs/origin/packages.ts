import type { Origin, Package } from './origin.ts';
import type { OriginProof } from './releases.ts';
import { type Door, standIn } from './stand-in.ts';

const SECRET = 'correct-horse-battery';

interface Described {
  readonly program: string;
  readonly unit?: string;
  readonly user?: string;
  readonly cases?: string;
  readonly doors?: readonly Door[];
}

/** A package with one program, its unit and its user, as the real one has them. */
function made(
  name: string,
  version: string,
  { program, unit, user, cases = 'nothing) ;;', doors }: Described,
): Package {
  const daemon = `[Service]\nExecStart=${program}\n${user === undefined ? '' : `User=${user}\n`}[Install]\nWantedBy=multi-user.target\n`;
  return {
    name,
    version,
    files: {
      [program.slice(1)]: { text: standIn(name, cases, doors) },
      ...(unit === undefined ? {} : { [`lib/systemd/system/${unit}.service`]: { text: daemon } }),
    },
    ...(user === undefined
      ? {}
      : {
          postinst: `id ${user} >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/${user} --create-home ${user}`,
        }),
  };
}

/** Grafana with the program that sets its password. */
function withClient(grafana: Package): Package {
  const client = { text: standIn('grafana-cli', '*) cat > /dev/null; touch /var/lib/grafana/grafana.db; exit 0;;') };
  return { ...grafana, files: { ...grafana.files, 'usr/bin/grafana-cli': client } };
}

const KUBEADM = `init\\ phase*) exit 0;;
init*|join*) touch /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf; mkdir -p /etc/kubernetes/manifests; v=$(sed -n 's/^kubernetesVersion: //p' /etc/kubernetes/kubeadm.yaml); echo "image: x/kube-apiserver:$v" > /etc/kubernetes/manifests/kube-apiserver.yaml; exit 0;;
upgrade\\ apply*) for v; do :; done; echo "image: x/kube-apiserver:$v" > /etc/kubernetes/manifests/kube-apiserver.yaml; exit 0;;
*) rm -rf /etc/kubernetes/manifests /etc/kubernetes/kubelet.conf /etc/kubernetes/admin.conf; exit 0;;`;
const KUBECTL = `*readyz*) echo ok; exit 0;;
*kubeletVersion*) sed -n 's/^.*kube-apiserver://p' /etc/kubernetes/manifests/kube-apiserver.yaml | tr -d '\\n'; exit 0;;`;

function kube(version: string): readonly Package[] {
  return [
    made('kubeadm', `${version}-1.1`, { program: '/usr/bin/kubeadm', cases: KUBEADM }),
    made('kubelet', `${version}-1.1`, { program: '/usr/bin/kubelet', unit: 'kubelet' }),
    made('kubectl', `${version}-1.1`, { program: '/usr/bin/kubectl', cases: KUBECTL }),
  ];
}

const pair = { certificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n', key: `${SECRET}\n` };

/** Services of package repositories, over repositories that the test made and signed. */
export async function packageProofs(origin: Origin): Promise<readonly OriginProof[]> {
  const crio = { program: '/usr/bin/crio', unit: 'crio', cases: '*info*) echo "cgroup driver: systemd"; exit 0;;' };
  const repositories = {
    crio: await origin.repository('crio', '/', [made('cri-o', '1.32.1-1.1', crio), made('cri-o', '1.32.2-1.1', crio)]),
    kubernetes: await origin.repository('kubernetes', '/', [...kube('1.32.3'), ...kube('1.32.4')]),
    grafana: await origin.repository('grafana', 'stable', [
      withClient(
        made('grafana', '11.4.0', {
          program: '/usr/sbin/grafana-server',
          unit: 'grafana-server',
          user: 'grafana',
          doors: [
            {
              port: 3000,
              replies: [
                ['/api/org', '{"name":"Main"}'],
                ['/api/datasources', '[{"uid":"a"}]'],
              ],
            },
          ],
        }),
      ),
    ]),
    mongodb: await origin.repository('mongodb', 'bookworm/mongodb-org/8.0', [
      made('mongodb-org-server', '8.0.4', { program: '/usr/bin/mongod', unit: 'mongod', user: 'mongodb' }),
      made('mongodb-mongosh', '2.3.0', {
        program: '/usr/bin/mongosh',
        cases: '*) cat > /dev/null; echo hello; exit 0;;',
      }),
    ]),
    polkadot: await origin.repository('polkadot', 'release', [
      made('polkadot', '1.16.0', {
        program: '/usr/bin/polkadot',
        unit: 'polkadot',
        user: 'polkadot',
        doors: [{ port: 9944, replies: [['/', '{"result":"Westend"}']] }],
      }),
    ]),
  };
  const proof = (service: keyof typeof repositories, parameters: object, changed: object): OriginProof => {
    const whole = { ...parameters, repository: repositories[service] };
    return { service, parameters: whole, changed: { ...whole, ...changed } };
  };
  const cluster = {
    version: '1.32.3',
    role: 'control-plane',
    starts: true,
    endpoint: { host: '10.214.1.11' },
    joinToken: 'abcdef.0123456789abcdef',
    pki: { ...pair, etcd: pair, frontProxy: pair, serviceAccounts: { publicKey: 'public\n', key: `${SECRET}\n` } },
    encryptionKey: `${'A'.repeat(43)}=`,
  };
  return [
    proof('crio', { version: '1.32.1' }, { version: '1.32.2' }),
    proof(
      'grafana',
      { adminPassword: SECRET, sources: { figures: { type: 'prometheus', url: 'http://127.0.0.1:9090' } } },
      { address: 'https://pictures.example.org' },
    ),
    proof('mongodb', { version: '8.0.4', adminPassword: SECRET }, { cacheMib: 512 }),
    proof('polkadot', { chain: 'westend' }, { telemetry: true }),
    proof('kubernetes', cluster, { version: '1.32.4' }),
  ];
}
