import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { CLUSTERS } from '../../clusters/index.ts';
import { renderPlanText } from '../../planner/render/text.ts';
import { PROVIDERS } from '../../providers/index.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import type { Json } from '../../schemas/json.ts';
import { loadWorkspace } from '../../schemas/parse/load.ts';
import { isJoin, isRef, type Resource } from '../../schemas/resource.ts';
import { isSecretUse } from '../../schemas/secret.ts';
import type { Parameters, TaskService } from '../../schemas/taskserv.ts';
import type { Loaded } from '../../schemas/workspace.ts';
import { demoPlan } from './plan.ts';
import { EXAMPLE_VARIABLES, SAMPLES, SSH_KEY, workspaceOf } from './samples.ts';

const UPDATE = process.env['UPDATE'] === '1';
const DRIVERS: readonly { readonly [key: string]: Json }[] = [
  { driver: 'demo' },
  { driver: 'hetzner' },
  { driver: 'upcloud' },
  { driver: 'aws', region: 'us-east-1' },
  { driver: 'local' },
];

function load(template: string, fields: { readonly [field: string]: Json }, provider = DRIVERS[0]): Loaded {
  const files = workspaceOf(template, fields, provider);
  return loadWorkspace({ files, prefix: '', env: null, drivers: PROVIDERS, services: TASKSERVS, templates: CLUSTERS });
}

const byAddress = (loaded: Loaded): Map<string, Resource> =>
  new Map(loaded.workspace.resources.map(resource => [resource.address, resource]));

test('every template has a sample', () => {
  expect(Object.keys(SAMPLES).toSorted()).toEqual(Object.keys(CLUSTERS).toSorted());
});

test.each(Object.values(CLUSTERS))('the example of $name loads', ({ example }) => {
  const files = workspaceOf('web', {});
  files.delete('clusters/main.json');
  // Everybody has keys and secrets of their own; these stand for them.
  files.set('clusters/main.yaml', Buffer.from(example.replaceAll(/\$\{secret\.[^}]+\}/g, '${secret.db/password}')));
  files.set('infra/keys.json', Buffer.from(JSON.stringify({ 'ssh-key': { operator: { publicKey: SSH_KEY } } })));
  files.set('config/defaults.json', Buffer.from(JSON.stringify({ vars: EXAMPLE_VARIABLES })));
  const { workspace } = loadWorkspace({
    files,
    prefix: '',
    env: null,
    drivers: PROVIDERS,
    services: TASKSERVS,
    templates: CLUSTERS,
  });
  expect(workspace.resources.length).toBeGreaterThan(3);
});

describe.each(Object.entries(SAMPLES))('%s', (template, { fields, publicPorts }) => {
  it('has its plan on the demo cloud', async () => {
    const plan = await demoPlan(load(template, fields));
    expect(plan.findings.filter(finding => finding.level === 'error')).toEqual([]);
    const text = renderPlanText(plan, { colour: false, width: 100 });
    const path = fileURLToPath(new URL(`plans/${template}.txt`, import.meta.url));
    if (UPDATE) writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, 'utf8'));
  });

  it.each(DRIVERS)('is the same every time and names everything after itself at $driver', provider => {
    const loaded = load(template, fields, provider);
    expect(load(template, fields, provider).workspace).toEqual(loaded.workspace);
    const names = loaded.workspace.resources.map(({ name }) => name);
    expect(names.filter(name => !name.startsWith('main-'))).toEqual([]);
    expect(names.length).toBeGreaterThan(3);
  });

  it.each(DRIVERS)('lets in what is meant, and nobody else, at $driver', provider => {
    const open: unknown[] = [];
    for (const { kind, name, spec } of load(template, fields, provider).workspace.resources) {
      if (kind === 'server') expect(spec['firewalls'], name).toHaveLength(1);
      if (kind !== 'firewall') continue;
      for (const rule of spec['rules'] as readonly { readonly [field: string]: Json }[]) {
        const sources = (rule['sources'] ?? ['0.0.0.0/0']) as readonly string[];
        expect(rule['direction']).toBe('in');
        if (sources.some(source => source.endsWith('/0'))) open.push(rule['port']);
        if (rule['port'] === 22) expect(sources).toEqual(fields['operators']);
      }
    }
    expect(open.filter(port => !publicPorts.includes(port as number))).toEqual([]);
  });

  it('is on machines that exist, listed by the names of its nodes, and asks for nothing else there', () => {
    const nodes = load(template, fields, { driver: 'local' }).workspace.resources.filter(
      ({ kind }) => kind === 'server',
    );
    const machines = Object.fromEntries(
      nodes.map(({ name }, at) => [
        name,
        { address: `192.0.2.${at + 1}`, hostKey: SSH_KEY.split(' ').slice(0, 2).join(' ') },
      ]),
    );
    const { resources } = load(template, fields, { driver: 'ssh', machines }).workspace;
    const servers = resources.filter(({ kind }) => kind === 'server');
    expect(servers.map(({ name, spec }) => [name, spec['size']])).toEqual(nodes.map(({ name }) => [name, name]));
    const refuses = PROVIDERS['ssh']?.capability('server', {})?.refuses;
    expect(servers.map(({ spec }) => refuses?.(spec))).toEqual(servers.map(() => undefined));
    const others = resources.filter(
      ({ kind, name }) => name.startsWith('main-') && !/^(?:server$|taskserv\.)/.test(kind),
    );
    expect(others).toEqual([]);
  });

  it('gives outputs that resolve', () => {
    const template_ = CLUSTERS[template];
    const outputs = Object.keys(
      template_?.outputs(template_.spec().parse(fields) as { [field: string]: Json }, {
        name: 'main',
        provider: 'main',
        driver: 'demo',
      }) ?? {},
    );
    expect(outputs.length).toBeGreaterThan(0);
    const files = workspaceOf(template, fields);
    const labels = Object.fromEntries(outputs.map(output => [output, `\${cluster.main.${output}}`]));
    files.set('infra/main.json', Buffer.from(JSON.stringify({ 'floating-ip': { reader: { labels } } })));
    const loaded = loadWorkspace({ files, prefix: '', env: null, drivers: PROVIDERS, templates: CLUSTERS });
    const needs = loaded.workspace.resources.find(({ name }) => name === 'reader')?.needs ?? [];
    expect(needs.length).toBeGreaterThan(0);
  });
});

const GROWING = Object.entries(SAMPLES).flatMap(([template, { fields, grows }]) =>
  grows === undefined ? [] : [{ template, fields, grows }],
);

describe.each(GROWING)('$template', ({ template, fields, grows }) => {
  it('grows and shrinks at its end alone', () => {
    const sizes = grows.sizes.map(size => byAddress(load(template, { ...fields, [grows.field]: size })));
    for (const [index, larger] of sizes.entries()) {
      const smaller = sizes[index - 1];
      if (smaller === undefined) continue;
      expect(larger.size).toBeGreaterThan(smaller.size);
      for (const [address, { spec }] of smaller) {
        expect(larger.has(address), address).toBe(true);
        // It cannot change on a server that is there.
        expect(larger.get(address)?.spec['placementGroup'], address).toEqual(spec['placementGroup']);
      }
      for (const [address, { kind, spec }] of smaller) {
        if (kind === 'server' && index > 1) expect(larger.get(address)?.spec).toEqual(spec);
      }
    }
  });

  it('goes through its nodes one after the other', () => {
    const [, , three = 3] = grows.sizes;
    const resources = byAddress(load(template, { ...fields, [grows.field]: three }));
    const servers = [...resources.values()].filter(({ kind, name }) => kind === 'server' && name.endsWith('-2'));
    expect(servers.length).toBeGreaterThan(0);
    for (const { name, needs } of servers) {
      const before = name.replace(/2$/, '1');
      expect(
        needs.some(address => address.endsWith(`/${before}`)),
        `${name} after ${before}`,
      ).toBe(true);
    }
  });
});

test('a firewall opens only ports that a service on its servers has', () => {
  for (const [template, { fields }] of Object.entries(SAMPLES)) {
    const { resources } = load(template, fields).workspace;
    for (const { name, spec } of resources.filter(({ kind }) => kind === 'firewall')) {
      const servers = new Set(
        resources
          .filter(({ kind, name: server }) => kind === 'server' && server.startsWith(`${name}-`))
          .map(one => one.address),
      );
      // The network of pods is brought in from one node, and has ports on all.
      const services = resources.filter(
        ({ on, kind }) => on !== undefined && (servers.has(on) || kind === 'taskserv.flannel'),
      );
      // A service that is not in the catalogue yet has ports that nobody knows.
      const known = services.map(({ kind }) => TASKSERVS[kind.slice('taskserv.'.length)]);
      if (known.includes(undefined)) continue;
      const ports = services.flatMap(({ spec: own }, index) => portsOf(known[index], own));
      for (const rule of spec['rules'] as readonly { readonly [field: string]: Json }[])
        expect([22, ...ports], `${template} ${name}`).toContain(rule['port']);
    }
  }
});

function portsOf(service: TaskService | undefined, spec: Resource['spec']): readonly number[] {
  const own = Object.fromEntries(Object.entries(spec).filter(([field]) => field !== 'server'));
  const parameters = service?.parameters().parse(stand(own)) as Parameters;
  return (service?.ports(parameters) ?? []).map(({ port }) => port);
}

/** Values that are secret or not known yet as some password, address or device. */
function stand(value: Json): Json {
  if (isSecretUse(value)) return 'stand-in-00000000000000000000';
  if (isJoin(value)) return '10.0.0.1:1';
  if (isRef(value)) return value.$ref.endsWith('.device') ? '/dev/vdb' : '10.0.0.1';
  if (Array.isArray(value)) return (value as readonly Json[]).map(stand);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, stand(item as Json)]));
}
