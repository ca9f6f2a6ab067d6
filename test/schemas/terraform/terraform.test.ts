import { describe, expect, it } from 'vitest';
import { describe as described } from '../../../schemas/export/describe.ts';
import { Fault } from '../../../schemas/fault.ts';
import { KINDS } from '../../../schemas/kinds/index.ts';
import { driversOf, findingsOf, TABLES } from '../../../schemas/terraform/found.ts';
import { readState } from '../../../schemas/terraform/state.ts';
import { AWS, HETZNER, PASSWORD, type Row, stateFile, UPCLOUD } from './state-file.ts';

const DATA = { mode: 'data', instances: [{ attributes: { id: '98' } }] };

const provider = (driver: string) => ({ provider: driver });

function find(rows: readonly Row[]) {
  const state = readState(stateFile(rows));
  const { found, leftOut } = findingsOf(state, provider);
  const { entries, leftOut: unwritten } = described(found, {
    described: { taken: new Set(), addresses: new Map() },
    rule: (_, kind, field) => KINDS[kind]?.fields[field],
    refused: new Map(),
  });
  const resources = Object.fromEntries(
    entries.map(({ object, name, fields }) => [`${object.kind}/${name}`, { adopt: object.id, ...fields }]),
  );
  const notes = entries.flatMap(({ notes: all }) => all.filter(note => !note.endsWith(' in Terraform')));
  return { found, leftOut: [...leftOut, ...unwritten].map(({ id, why }) => `${id}: ${why}`), resources, notes };
}

describe('a state file', () => {
  it('of Hetzner Cloud', () => {
    const { resources, leftOut, notes } = find(HETZNER);
    expect(resources).toEqual({
      'network/main': { adopt: '13', ipRange: '10.0.0.0/16', labels: { env: 'prod' } },
      'subnet/main-10-0-1-0-24': {
        adopt: '13-10.0.1.0/24',
        network: 'main',
        ipRange: '10.0.1.0/24',
        zone: 'eu-central',
      },
      'firewall/web': {
        adopt: '14',
        rules: [
          { direction: 'in', protocol: 'tcp', port: 80, sources: ['0.0.0.0/0', '::/0'], description: 'Web' },
          { direction: 'in', protocol: 'tcp', port: '8000-8100', sources: ['192.0.2.1/32'] },
          { direction: 'out', protocol: 'udp', sources: ['10.0.0.0/8'] },
        ],
      },
      'ssh-key/ops': { adopt: '11', publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ops' },
      'placement-group/web': { adopt: '12', strategy: 'spread' },
      'server/web-1': {
        adopt: '15',
        size: 'cx23',
        image: 'debian-12',
        zone: 'hel1',
        sshKeys: ['ops'],
        subnet: 'main-10-0-1-0-24',
        firewalls: ['web'],
        placementGroup: 'web',
        publicIp: true,
        labels: { role: 'web' },
      },
      'volume/data': { adopt: '16', sizeGib: 50, zone: 'hel1', server: 'web-1', format: 'ext4' },
      'floating-ip/web': { adopt: '17', version: 'ipv4', zone: 'hel1', server: 'web-1' },
      'load-balancer/web': {
        adopt: '18',
        size: 'lb11',
        zone: 'hel1',
        subnet: 'main-10-0-1-0-24',
        algorithm: 'round-robin',
        services: [{ protocol: 'http', listenPort: 80, targetPort: 8080, healthPath: '/healthz' }],
        targets: ['web-1'],
      },
    });
    expect(leftOut).toEqual(['hcloud_rdns.web: there is no kind for hcloud_rdns']);
    expect(notes).toEqual([]);
  });

  it('of AWS', () => {
    const { resources, leftOut, notes } = find(AWS);
    expect(resources).toEqual({
      'network/main': { adopt: 'vpc-1', ipRange: '10.1.0.0/16', labels: { env: 'prod' } },
      'subnet/a': { adopt: 'subnet-1', network: 'main', ipRange: '10.1.1.0/24', zone: 'eu-north-1a' },
      'firewall/web': {
        adopt: 'sg-1',
        rules: [
          { direction: 'in', protocol: 'tcp', port: 22, sources: ['192.0.2.0/24'] },
          { direction: 'in', protocol: 'tcp', port: 443, sources: ['0.0.0.0/0'] },
          { direction: 'in', protocol: 'udp', port: '1-100', sources: ['10.0.0.0/8'] },
        ],
      },
      'ssh-key/ops': { adopt: 'key-1', publicKey: 'ssh-rsa AAAAB3Nz ops' },
      'placement-group/web': { adopt: 'pg-1', strategy: 'spread' },
      'server/web-one': {
        adopt: 'i-1',
        size: 't3.micro',
        image: 'ami-1',
        zone: 'eu-north-1a',
        sshKeys: ['ops'],
        subnet: 'a',
        firewalls: ['web'],
        placementGroup: 'web',
        publicIp: true,
      },
      'volume/data': { adopt: 'vol-1', sizeGib: 20, type: 'ssd', zone: 'eu-north-1a', server: 'web-one' },
      'floating-ip/eipalloc-1': { adopt: 'eipalloc-1', version: 'ipv4', server: 'web-one' },
      'load-balancer/web': {
        adopt: 'arn:lb',
        size: 'network',
        subnet: 'a',
        services: [{ protocol: 'tcp', listenPort: 80, targetPort: 8080, healthPath: '/up' }],
        targets: ['web-one'],
      },
    });
    expect(leftOut).toEqual([
      'aws_lb.old: there is no kind for a load balancer of the type application',
      'aws_db_instance.main: there is no kind for aws_db_instance',
      'sg-2: the cloud does not say its rules',
    ]);
    expect(notes).toEqual([]);
  });

  it('of UpCloud', () => {
    const { resources, leftOut, notes } = find(UPCLOUD);
    expect(resources).toEqual({
      'network/main': { adopt: 'rtr-1', ipRange: '10.2.0.0/22' },
      'subnet/a': { adopt: 'net-1', network: 'main', ipRange: '10.2.1.0/24', zone: 'fi-hel1' },
      'subnet/b': { adopt: 'net-2', network: 'main', ipRange: '10.2.2.0/24', zone: 'fi-hel1' },
      'placement-group/web': { adopt: 'grp-1', strategy: 'spread' },
      'server/web': {
        adopt: 'srv-1',
        size: '1xCPU-2GB',
        image: 'Debian GNU/Linux 12 (Bookworm)',
        zone: 'fi-hel1',
        subnet: 'a',
        placementGroup: 'web',
        publicIp: true,
      },
      'volume/data': { adopt: 'sto-1', sizeGib: 30, type: 'ssd', zone: 'fi-hel1', server: 'web' },
      'floating-ip/floating-ip-192-0-2-30': { adopt: '192.0.2.30', version: 'ipv4', zone: 'fi-hel1', server: 'web' },
      'load-balancer/web': {
        adopt: 'lb-1',
        size: 'development',
        zone: 'fi-hel1',
        subnet: 'a',
        services: [{ protocol: 'https', listenPort: 443, targetPort: 8080, healthPath: '/' }],
        targets: ['web'],
      },
    });
    expect(leftOut).toEqual([
      'upcloud_managed_database_postgresql.main: there is no kind for upcloud_managed_database_postgresql',
    ]);
    expect(notes).toEqual(['ipRange is a guess: the smallest range around its networks; write the one that you mean']);
  });

  it('names the drivers it needs, and gives away nothing that is sensitive', () => {
    const state = readState(stateFile([...HETZNER, ...AWS, ...UPCLOUD]));
    expect(driversOf(state)).toEqual(['aws', 'hetzner', 'upcloud']);
    expect(JSON.stringify(findingsOf(state, provider))).not.toContain(PASSWORD);
  });

  it('drops what is marked as sensitive, even where a table would read it', () => {
    const rows: readonly Row[] = [
      ['hcloud_network', 'main', { id: '1', name: PASSWORD, ip_range: '10.0.0.0/16' }, ['name']],
    ];
    expect(JSON.stringify(find(rows).found)).not.toContain(PASSWORD);
  });

  it('says which objects it does not take: data, deposed and without a provider', () => {
    const file = JSON.parse(stateFile(HETZNER.slice(0, 1))) as { resources: { instances: object[] }[] };
    const [key] = file.resources;
    key?.instances.push({ deposed: 'abc', attributes: { id: '99' } }, { index_key: 'b', attributes: null });
    file.resources.push({
      ...(key as { instances: object[] }),
      ...DATA,
    });
    const state = readState(JSON.stringify(file));
    expect(findingsOf(state, () => ({ why: 'no provider' })).leftOut).toEqual([
      { kind: 'terraform', id: 'hcloud_ssh_key.ops', name: 'hcloud_ssh_key.ops', why: 'no provider' },
    ]);
  });

  it('is told by the address of each instance', () => {
    const file = JSON.parse(stateFile(HETZNER.slice(0, 1))) as { resources: { [field: string]: unknown }[] };
    Object.assign(file.resources[0] ?? {}, {
      module: 'module.web["a"]',
      instances: [
        { index_key: 'x y', attributes: { id: '1' }, status: 'tainted' },
        { index_key: 0, attributes: { id: '2' } },
      ],
    });
    const { found } = findingsOf(readState(JSON.stringify(file)), provider);
    expect(found.map(({ notes }) => notes)).toEqual([
      ['Terraform would replace it: its creation failed', 'module.web["a"].hcloud_ssh_key.ops["x y"] in Terraform'],
      ['module.web["a"].hcloud_ssh_key.ops[0] in Terraform'],
    ]);
  });

  it.each([
    ['{"password": "hunter2"', 'the state file is not JSON'],
    ['[]', 'this is not a Terraform state file of format version 4'],
    [
      '{"version": 3, "modules": []}',
      'the state file has format version 3; version 4 is read (Terraform 0.12 and newer)',
    ],
    ['{"serial": 1, "encrypted_data": "hunter2"}', 'the state file is encrypted'],
    ['{"version": 4, "resources": [{"hunter2": 1}]}', 'this is not a Terraform state file of format version 4'],
    ['['.repeat(100_000), 'the state file is not JSON'],
    [
      `{"version":4,"resources":[{"mode":"managed","type":"a","name":"b","instances":[{"attributes":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}]}]}`,
      'this is not a Terraform state file of format version 4',
    ],
  ])('%.40s is refused in words of our own', (text, what) => {
    const fault = (() => {
      try {
        return readState(text);
      } catch (error) {
        return error;
      }
    })();
    expect(fault).toBeInstanceOf(Fault);
    expect((fault as Fault).problems).toEqual([{ id: 'TF-STATE', what, fix: expect.any(String) as string }]);
    expect((fault as Fault).code).toBe('invalid');
  });

  it('never mixes objects up that lack an id', () => {
    const rows: readonly Row[] = [
      ['hcloud_volume', 'a', { id: '', name: 'a', size: 10 }],
      ['hcloud_volume_attachment', 'b', { id: '2', server_id: 15 }],
      ['hcloud_volume', 'c', { id: '3', name: '__proto__', size: 10, labels: { constructor: 'x' } }],
    ];
    const { resources, leftOut } = find(rows);
    expect(leftOut).toEqual(['hcloud_volume.a: the state does not say its id']);
    expect(resources).toEqual({ 'volume/proto': { adopt: '3', sizeGib: 10 } });
  });
});

it('every table speaks of fields that exist', () => {
  for (const { types, prefix, parts } of TABLES) {
    for (const [type, { kind, fields }] of Object.entries(types)) {
      expect(type.startsWith(prefix), type).toBe(true);
      expect(Object.keys(KINDS[kind]?.fields ?? {}), type).toEqual(expect.arrayContaining(Object.keys(fields)));
    }
    expect(parts.filter(part => !part.startsWith(prefix) || Object.hasOwn(types, part))).toEqual([]);
  }
});
