import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalWorkspace, openLocalWorkspace } from '../../../test/local/workspace.ts';
import { type Bench, folder, succeeded } from '../bench.ts';
import { type Measured, measure } from '../measure.ts';
import { median } from '../pairs.ts';
import { table } from '../table.ts';

type Side = 'ours' | 'theirs';
type Work = 'first install' | 'no-op' | 'one change on every host';

/** Seconds of one measurement each. */
type Times = Record<Work, Record<Side, number[]>>;

/**
 * The same software on as many hosts of this machine by us and by Ansible: nginx with a page behind HAProxy, each as packages,
 * files and daemons. Ours also fetches a page through each of them. Both find hosts that were made from one image a moment
 * ago, and install once; then nothing is to do, and then the page changes. Who goes first alternates.
 */
export async function services(bench: Bench, count: number): Promise<string> {
  bench.say(`services cell: ${count} hosts for each side`);
  const lab = await openLocalWorkspace(`bench-services-${count}`);
  try {
    await lab.push({ 'infra/hosts.yaml': hostsText(lab, count, null) }, 'Hosts');
    const made = await lab.run(['apply', '--auto-approve', '--json']);
    if (made.code !== 0) throw new Error(`the hosts were not made: ${made.said}`);
    for (const name of hostNames(count)) await lab.ssh(name, PREPARED);
    const playbook = await openPlaybook(lab, folder(bench, `services-${count}`), count);
    const times: Times = {
      'first install': { ours: [], theirs: [] },
      'no-op': { ours: [], theirs: [] },
      'one change on every host': { ours: [], theirs: [] },
    };
    const runs = {
      ours: () => ours(lab),
      theirs: playbook.run,
    };
    const page = async (text: string): Promise<void> => {
      await lab.push({ 'infra/hosts.yaml': hostsText(lab, count, text) }, `Page: ${text}`);
      playbook.write(text);
    };
    let turn = count === 3 ? 0 : 1;
    const pair = async (work: Work): Promise<void> => {
      const order: readonly Side[] = turn % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours'];
      turn += 1;
      for (const side of order) {
        const done = succeeded(await runs[side](), `${side}: ${work}`);
        judged(side, work, done);
        times[work][side].push(done.wallS);
      }
    };
    await page('first');
    await pair('first install');
    for (let at = 0; at < bench.pairs; at += 1) await pair('no-op');
    for (let at = 0; at < bench.pairs; at += 1) {
      await page(`change ${at}`);
      await pair('one change on every host');
    }
    await served(lab, count, `change ${bench.pairs - 1}`);
    return tableOf(times, count);
  } finally {
    await lab.close();
  }
}

/** Nothing is timed that does not do the work, nor that does some where there is none. */
function judged(side: Side, work: Work, { stdout }: Measured): void {
  const isIdle =
    side === 'theirs' ? !/changed=[1-9]/.test(stdout) : (JSON.parse(stdout) as { readonly run: unknown }).run === null;
  if (isIdle !== (work === 'no-op')) throw new Error(`${side}, ${work}: ${stdout.slice(-2_000)}`);
}

/** Every host of both sides answers with the last page, through HAProxy. */
async function served(lab: LocalWorkspace, count: number, text: string): Promise<void> {
  for (const name of hostNames(count)) {
    const answer = await lab.ssh(name, 'curl -sS http://127.0.0.1/');
    if (answer.trim() !== text) throw new Error(`${name} serves ${answer}`);
  }
}

function ours(lab: LocalWorkspace): Promise<Measured> {
  const argv = [process.execPath, lab.program, 'apply', '--auto-approve', '--json', '-C', lab.clone];
  return measure({ argv, env: lab.environment });
}

const hostNames = (count: number): readonly string[] =>
  ['ours', 'theirs'].flatMap(side => Array.from({ length: count }, (_, at) => `${side}-${at + 1}`));

/** What Ansible needs on a host; ours gets it too, so that both begin alike, with fresh lists of packages. */
const PREPARED =
  'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3 python3-apt >/dev/null';

const NETWORK =
  'network:\n  bench: { ipRange: 10.212.0.0/20 }\nsubnet:\n  hosts: { network: bench, ipRange: 10.212.1.0/24 }\n';

/** Ours get their services once there is a page to show. */
function hostsText({ publicKey }: LocalWorkspace, count: number, text: string | null): string {
  const hosts = hostNames(count).map(name => {
    const software = text === null || name.startsWith('theirs') ? '' : softwareText(text);
    return `  ${name}:\n    size: small\n    image: debian-12\n    subnet: hosts\n    sshKeys: [me]\n${software}`;
  });
  return `${NETWORK}ssh-key:\n  me: { publicKey: "${publicKey}" }\nserver:\n${hosts.join('')}`;
}

function softwareText(text: string): string {
  return `    taskservs:
      nginx: { port: 8080, text: "${text}\\n" }
      haproxy:
        listeners:
          web: { reach: public, port: 80, health: { path: / }, servers: { own: { address: 127.0.0.1, port: 8080 } } }
`;
}

const HAPROXY = `defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend web
  bind :80
  default_backend web
backend web
  option httpchk GET /
  server own 127.0.0.1:8080 check
`;

const SITE = 'server { listen 8080; root /srv/page; index index.html; }\n';

/** Pipelining, one kept connection for each host, no facts: as fast as Ansible is made for this. */
const SETTINGS = `[defaults]
forks = 30
host_key_checking = True
gathering = explicit
[ssh_connection]
pipelining = True
ssh_args = -o ControlMaster=auto -o ControlPersist=120s
`;

interface Playbook {
  /** Writes the page that is wished for. */
  write(text: string): void;
  run(): Promise<Measured>;
}

async function openPlaybook(lab: LocalWorkspace, place: string, count: number): Promise<Playbook> {
  const at = (name: string): string => join(place, name);
  const known: string[] = [];
  const hosts: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const { publicIp, hostKey } = await lab.outputs(`theirs-${number}`);
    known.push(`${publicIp} ${hostKey}\n`);
    hosts.push(publicIp);
  }
  writeFileSync(at('known_hosts'), known.join(''));
  const options = `ansible_user=root ansible_ssh_private_key_file=${lab.identity} ansible_ssh_common_args='-o UserKnownHostsFile=${at('known_hosts')}'`;
  writeFileSync(at('hosts'), `[web]\n${hosts.map(host => `${host} ${options}\n`).join('')}`);
  writeFileSync(at('ansible.cfg'), SETTINGS);
  writeFileSync(at('haproxy.cfg'), HAPROXY);
  writeFileSync(at('page.conf'), SITE);
  writeFileSync(at('play.yaml'), PLAY);
  return {
    write: text => writeFileSync(at('index.html'), `${text}\n`),
    run: () => measure({ argv: ['ansible-playbook', '-i', 'hosts', 'play.yaml'], cwd: place }),
  };
}

const PLAY = `- hosts: web
  gather_facts: false
  tasks:
    - apt: { name: [nginx-light, curl, haproxy], update_cache: true, cache_valid_time: 3600, install_recommends: false }
    - file: { path: /srv/page, state: directory, mode: "0755" }
    - copy: { src: index.html, dest: /srv/page/index.html, mode: "0644" }
    - file: { path: /etc/nginx/sites-enabled/default, state: absent }
      notify: reload nginx
    - copy: { src: page.conf, dest: /etc/nginx/conf.d/page.conf, mode: "0644" }
      notify: reload nginx
    - copy: { src: haproxy.cfg, dest: /etc/haproxy/haproxy.cfg, mode: "0644", validate: "haproxy -c -f %s" }
      notify: reload haproxy
    - systemd: { name: nginx, enabled: true, state: started }
    - systemd: { name: haproxy, enabled: true, state: started }
  handlers:
    - name: reload nginx
      systemd: { name: nginx, state: reloaded }
    - name: reload haproxy
      systemd: { name: haproxy, state: reloaded }
`;

function tableOf(times: Times, count: number): string {
  const rows = Object.entries(times).map(([work, { ours: own, theirs }]) => [
    `${work}, ${count} hosts`,
    median(own).toFixed(2),
    median(theirs).toFixed(2),
    (median(own) / median(theirs)).toFixed(2),
    String(own.length),
  ]);
  return table(['nginx behind HAProxy', 'ours, s', 'Ansible, s', 'ratio', 'pairs'], rows);
}
