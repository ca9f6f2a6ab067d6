// Writes the files below infra/: cells of 30 resources, every second one in TOML.
// node generate.mjs [--resources 300] [--out DIRECTORY]
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const PER_CELL = 30;
const ZONES = ['fi-1', 'de-1', 'us-1'];

const { values } = parseArgs({
  options: {
    resources: { type: 'string', default: '300' },
    out: { type: 'string', default: dirname(fileURLToPath(import.meta.url)) },
  },
});

const cells = Math.ceil(Number(values.resources) / PER_CELL);
const folder = join(values.out, 'infra');
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) if (/^cell-\d+\.(yaml|toml)$/.test(file)) rmSync(join(folder, file));
for (let number = 1; number <= cells; number += 1) {
  const cell = `c${String(number).padStart(3, '0')}`;
  const resources = cellOf(cell, number);
  const toml = number % 2 === 0;
  const file = `cell-${String(number).padStart(3, '0')}.${toml ? 'toml' : 'yaml'}`;
  writeFileSync(join(folder, file), toml ? tomlOf(resources) : yamlOf(resources));
}
process.stdout.write(`${cells * PER_CELL} resources in ${cells} files below ${folder}\n`);

/** One network with its subnets, a balanced group of web servers, application servers, and two databases with volumes. */
function cellOf(cell, number) {
  const zone = ZONES[number % ZONES.length];
  const net = `10.${number % 250}`;
  const server = (tier, index, more) => ({
    [`${cell}-${tier}-${index}`]: {
      size: tier === 'db' ? 'large' : 'small',
      image: 'debian-12',
      zone,
      firewalls: [tier === 'web' ? `${cell}-web` : `${cell}-internal`],
      labels: { cell, tier },
      ...more,
    },
  });
  const several = (tier, count, more) => {
    return Object.assign({}, ...Array.from({ length: count }, (_, at) => server(tier, at + 1, more(at + 1))));
  };
  return {
    network: { [cell]: { ipRange: `${net}.0.0/16`, zone } },
    subnet: {
      [`${cell}-front`]: { network: cell, ipRange: `${net}.1.0/24`, zone },
      [`${cell}-back`]: { network: cell, ipRange: `${net}.2.0/24`, zone },
    },
    firewall: {
      [`${cell}-web`]: { rules: [{ direction: 'in', protocol: 'tcp', port: 8080 }] },
      [`${cell}-internal`]: {
        rules: [{ direction: 'in', protocol: 'tcp', port: '5000-6000', sources: [`${net}.0.0/16`] }],
      },
    },
    'placement-group': { [`${cell}-db`]: { strategy: 'spread' } },
    server: {
      ...several('web', 8, () => ({
        subnet: `${cell}-front`,
        labels: { cell, tier: 'web', database: `\${server.${cell}-db-1.id}` },
      })),
      ...several('app', 6, index => ({
        subnet: `${cell}-back`,
        publicIp: false,
        ...(index <= 2 ? { taskservs: { nginx: { port: 8080 } } } : {}),
      })),
      ...several('db', 2, () => ({
        subnet: `${cell}-back`,
        publicIp: false,
        placementGroup: `${cell}-db`,
        taskservs: { postgres: { version: '16' } },
      })),
    },
    volume: {
      [`${cell}-db-1`]: { sizeGib: 100, server: `${cell}-db-1`, format: 'ext4', zone },
      [`${cell}-db-2`]: { sizeGib: 100, server: `${cell}-db-2`, format: 'ext4', zone },
    },
    'load-balancer': {
      [cell]: {
        size: 'lb-small',
        zone,
        subnet: `${cell}-front`,
        services: [{ protocol: 'http', listenPort: 80, targetPort: 8080, healthPath: '/healthz' }],
        targets: Array.from({ length: 8 }, (_, at) => `${cell}-web-${at + 1}`),
      },
    },
    'floating-ip': { [cell]: { zone, server: `${cell}-web-1` } },
  };
}

function yamlOf(resources) {
  const lines = [
    '# yaml-language-server: $schema=../../../schemas/json/infra.schema.json',
    '# Written by generate.mjs.',
  ];
  for (const [kind, entries] of Object.entries(resources)) {
    lines.push(`${kind}:`);
    for (const [name, fields] of Object.entries(entries)) {
      lines.push(`  ${name}:`);
      for (const [field, value] of Object.entries(fields)) lines.push(...yamlField(field, value, '    '));
    }
  }
  return `${lines.join('\n')}\n`;
}

function yamlField(field, value, indent) {
  if (Array.isArray(value) && typeof value[0] === 'object') {
    return [`${indent}${field}:`, ...value.map(item => `${indent}  - ${flow(item)}`)];
  }
  if (!Array.isArray(value) && typeof value === 'object') {
    return [
      `${indent}${field}:`,
      ...Object.entries(value).flatMap(([key, item]) => yamlField(key, item, `${indent}  `)),
    ];
  }
  return [`${indent}${field}: ${flow(value)}`];
}

function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object')
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')} }`;
  return typeof value === 'string' && !/^[a-z][a-z0-9-]*$/.test(value) ? JSON.stringify(value) : String(value);
}

function tomlOf(resources) {
  const lines = ['# Written by generate.mjs.'];
  for (const [kind, entries] of Object.entries(resources)) {
    for (const [name, fields] of Object.entries(entries)) {
      lines.push('', `[${kind}.${name}]`);
      for (const [field, value] of Object.entries(fields)) lines.push(`${field} = ${inline(value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value === 'object')
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${key} = ${inline(item)}`)
      .join(', ')} }`;
  return JSON.stringify(value);
}
