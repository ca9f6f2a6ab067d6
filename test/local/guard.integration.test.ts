import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageFor } from '../hosts/image.ts';
import { openPodman } from '../hosts/podman.ts';
import { type LocalWorkspace, openLocalWorkspace } from './workspace.ts';

/** A service that decides who gets in, by rules for packets and by the settings of sshd. */
const SERVICE = `summary: Decides who gets in.
categories: [security]
holdsData: false
isRisky: true
parameters:
  port: { type: number, description: Where new connections may come to. }
  user: { type: text, description: Who may log in. }
items:
  - is: file
    path: /etc/door.nft
    text: |
      table inet door {
        chain in {
          type filter hook input priority 0; policy drop;
          iif lo accept
          ct state established,related accept
          tcp dport \${port} accept
        }
      }
  - is: file
    path: /etc/systemd/system/door.service
    text: |
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=nft -f /etc/door.nft
      ExecStop=nft delete table inet door
      [Install]
      WantedBy=multi-user.target
  - { is: daemon, unit: door.service, restartOn: [/etc/door.nft] }
  - { is: file, path: /etc/ssh/sshd_config.d/door.conf, text: "AllowUsers \${user}\\n", check: [sshd, -t, -f, '{}'] }
  - { is: daemon, unit: ssh.service, reloadOn: [/etc/ssh/sshd_config.d/door.conf] }
`;

const doors = (key: string, first: string, second: string): { readonly [path: string]: string } => ({
  'taskservs/door/service.yaml': SERVICE,
  'infra/main.yaml': `network:
  main: { ipRange: 10.97.16.0/24 }
subnet:
  hosts: { network: main, ipRange: 10.97.16.0/24 }
ssh-key:
  me: { publicKey: "${key}" }
server:
  web: { size: small, image: debian-12, subnet: hosts, sshKeys: [me], taskservs: { door: ${first} } }
  db: { size: small, image: debian-12, subnet: hosts, sshKeys: [me], taskservs: { door: ${second} } }
`,
});

const GOOD = '{ port: 22, user: root }';
const SHUT = '{ port: 2222, user: root }';
const REFUSED = '{ port: 22, user: nobody }';

let lab: LocalWorkspace;
beforeAll(async () => {
  await imageFor(openPodman(), 'debian-12');
  lab = await openLocalWorkspace('doorlab');
});
afterAll(() => lab.close());

/** What of a guard is left on a host: its folder, its timer. */
const guards = (server: string): Promise<string> =>
  lab.ssh(
    server,
    'ls /var/lib/provisioning/guard; systemctl list-timers --all --plain --no-legend "provisioning-*"; ls /etc/systemd/system | grep revert || :',
  );

/** The rules and settings that are in force. */
const inForce = (server: string): Promise<string> =>
  lab.ssh(server, 'nft list table inet door | grep dport; sshd -T | grep allowusers; cat /etc/door.nft | grep dport');

test('a change that lets a new session in is kept', async () => {
  await lab.push(doors(lab.publicKey, GOOD, GOOD), 'Describe the doors');
  const planned = await lab.run(['plan']);
  expect(planned.printed).toContain('keep this only if a new session can be made within 40 s');
  expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
  for (const server of ['web', 'db']) {
    expect(await inForce(server)).toMatch(/dport 22 .*\n.*allowusers root\n.*dport 22 /);
    expect(await guards(server)).toBe('');
  }
  expect(await lab.run(['plan', '--detailed-exitcode'])).toMatchObject({ code: 0 });
});

test('changes that lock everybody out are taken back by the hosts, and are not called done', async () => {
  await lab.push(doors(lab.publicKey, SHUT, REFUSED), 'Lock us out');
  const applied = await lab.run(['apply', '--auto-approve']);
  expect(applied.code).toBe(5);
  const told = applied.printed + applied.said;
  expect(
    told.match(/no new session came within 40 s after the change, so the host went back to how it was before/g),
  ).toHaveLength(2);
  for (const server of ['web', 'db']) {
    expect(await inForce(server)).toMatch(/dport 22 .*\n.*allowusers root\n.*dport 22 /);
    expect(await guards(server)).toBe('');
    const { printed } = await lab.run(['state', 'show', `taskserv.door/${server}`]);
    expect(JSON.parse(printed)).toMatchObject({ spec: { port: 22, user: 'root' } });
  }
  // What was asked for is still to be done: nobody forgets it because it failed.
  expect(await lab.run(['plan', '--detailed-exitcode'])).toMatchObject({ code: 10 });
});

test('the next good change goes through, and a removal is guarded too', async () => {
  await lab.push(doors(lab.publicKey, GOOD, GOOD), 'Let us in again');
  expect(await lab.run(['apply', '--auto-approve'])).toMatchObject({ code: 0 });
  expect(await guards('web')).toBe('');
  const files = doors(lab.publicKey, GOOD, GOOD);
  await lab.push(
    { 'infra/main.yaml': (files['infra/main.yaml'] ?? '').replaceAll(/, taskservs: .*/g, ' }') },
    'No doors',
  );
  expect(await lab.run(['apply', '--auto-approve', '--allow-deletes', '2'])).toMatchObject({ code: 0 });
  expect(await lab.ssh('web', 'nft list tables; ls /var/lib/provisioning/guard /etc/door.nft 2>&1 || :')).not.toContain(
    'inet door',
  );
});
