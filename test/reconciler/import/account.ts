import type { CloudCore } from '../../../platform/demo-cloud/cloud.ts';
import type { CloudObject } from '../../../platform/demo-cloud/model.ts';
import type { JsonObject } from '../../../schemas/json.ts';

/** Names that people and scripts give, and that YAML, shells or our own files could take for something else. */
export const ODD_NAMES: readonly string[] = [
  'no',
  'null',
  '1e3',
  '~',
  'true',
  '0x1f',
  'web',
  'web',
  'WEB',
  'web-2',
  'Wéb Ünïcode ☃',
  '日本語サーバー',
  'constructor',
  '__proto__',
  '- dash: colon # hash',
  '{flow} [list] "quote" \'single\'',
  '${server.web.id}',
  '<<<<<<< merge',
  'x'.repeat(63),
  'x'.repeat(63),
  '\u202eevil',
  'line\nbreak\tand tab',
  '%YAML 1.2',
  '*alias &anchor !tag',
  '123456789012345678901234567890',
  'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
];

/** A tiny generator of numbers, so that every run makes the same account. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return sides => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * sides);
  };
}

const LABELS: readonly { readonly [key: string]: string }[] = [
  {},
  { role: 'web', team: 'Shöp: a "b" # c' },
  { no: 'yes', null: '', '1e3': '1e3', price: '${var.x} $${y}' },
  { 'provisioned/by-a-tool-with-a-very-long-key': 'x', ok: '{a: [b]}' },
  { token: 'ghp_abcdefghijklmnopqrstuvwxyz0123456789', plain: "it's" },
  { constructor: 'x', prototype: 'y', good: '- no' },
];

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnz1Rtq2w5rG6bObwywDut9OuPS+BtQFDLEzJkUmiNT';

/** Fills an account behind the product's back with `count` objects of all nine kinds that refer to each other. */
export function fillAccount(core: CloudCore, count: number): void {
  const roll = dice(count);
  const ids: { [kind: string]: string[] } = {};
  const pick = (kind: string): string => ids[kind]?.[roll(ids[kind]?.length ?? 1)] ?? '';
  let made = 0;
  const add = (kind: string, fields: JsonObject): void => {
    const name = ODD_NAMES[made % ODD_NAMES.length] ?? 'x';
    const labels = LABELS[roll(LABELS.length)] ?? {};
    made += 1;
    (ids[kind] ??= []).push(createBehind(core, { kind, name, labels, protection: roll(4) === 0, ...fields }).id);
  };
  const rounds = Math.ceil(count / 12);
  for (let round = 0; round < rounds; round += 1) {
    const zone = ['fi-1', 'us-1', 'de-1'][roll(3)] ?? 'fi-1';
    add('ssh-key', { public_key: round % 2 === 0 ? `${KEY} ops # "${round}"` : KEY });
    add('placement-group', { strategy: 'spread' });
    add('network', { ip_range: `10.${round}.0.0/16`, zone });
    add('subnet', { network: ids['network']?.at(-1) ?? '', ip_range: `10.${round}.1.0/24`, zone });
    add('subnet', { network: ids['network']?.at(-1) ?? '', ip_range: `10.${round}.2.0/24`, zone });
    add('firewall', { rules: rulesFor(round) });
    for (let each = 0; each < 2; each += 1) {
      add('server', {
        size: roll(2) === 0 ? 'small' : 'medium',
        image: 'debian-12',
        zone,
        ssh_keys: roll(2) === 0 ? [] : [pick('ssh-key')],
        subnet: pick('subnet'),
        firewalls: roll(3) === 0 ? [] : [pick('firewall')],
        placement_group: roll(2) === 0 ? null : pick('placement-group'),
        public_ip: roll(2) === 0,
        ...(roll(2) === 0 ? { user_data: 'password: hunter2-secret' } : {}),
      });
    }
    add('volume', { size_gib: 10 + round, zone, server: roll(2) === 0 ? null : pick('server'), format: 'ext4' });
    add('volume', { size_gib: 5, type: 'hdd', zone });
    add('floating-ip', {
      version: roll(2) === 0 ? 'ipv4' : 'ipv6',
      zone,
      server: roll(2) === 0 ? null : pick('server'),
    });
    add('load-balancer', {
      zone,
      subnet: pick('subnet'),
      services: [{ protocol: 'http', listen_port: 80, target_port: 8080, health_path: '/a: b # c' }],
      targets: [pick('server')],
    });
  }
}

function rulesFor(round: number): JsonObject[] {
  if (round % 5 === 0) return [];
  return [
    { direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8', '::/0'], description: 'no' },
    { direction: 'in', protocol: 'tcp', port: '8000-8100', description: 'yes: "a" # ${b}' },
    { direction: 'out', protocol: 'any' },
  ];
}

/** Makes an object as somebody else would, past every rule. */
export function createBehind(core: CloudCore, body: JsonObject): CloudObject {
  const reply = core.handle(
    { method: 'POST', path: '/admin/objects', headers: {}, body: JSON.stringify(body) },
    Date.now(),
  );
  if (reply.status !== 200) throw new Error(reply.body);
  return (JSON.parse(reply.body) as { object: CloudObject }).object;
}
