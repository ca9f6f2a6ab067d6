import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Measured } from './measure.ts';
import { measure } from './measure.ts';
import type { Node } from './shapes.ts';

const ENV = { TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
const PER_FILE = 500;
const PROVIDER = 'provider["terraform.io/builtin/terraform"]';

/** Version line of the terraform on this machine; null when there is none. */
export function terraformVersion(): string | null {
  const asked = spawnSync('terraform', ['version'], { env: { ...process.env, ...ENV }, encoding: 'utf8' });
  return asked.status === 0 ? (asked.stdout.split('\n')[0] ?? null) : null;
}

export function terraform(
  folder: string,
  verb: string,
  flags: readonly string[] = [],
  limitMs?: number,
): Promise<Measured> {
  const input = verb === 'version' || verb === 'validate' ? [] : ['-input=false'];
  const colour = verb === 'version' ? [] : ['-no-color'];
  const limit = limitMs === undefined ? {} : { limitMs };
  return measure({ argv: ['terraform', verb, ...input, ...colour, ...flags], cwd: folder, env: ENV, ...limit });
}

export interface TerraformOptions {
  /** Index of the node whose size differs from the state. */
  readonly changed?: number;
  /** Milliseconds that each create takes, through `local-exec`. */
  readonly sleepMs?: number;
}

/** Writes the graph as `terraform_data` resources, the only ones that need no plug-in. */
export function writeTerraform(folder: string, nodes: readonly Node[], options: TerraformOptions = {}): void {
  mkdirSync(folder, { recursive: true });
  for (let start = 0; start < nodes.length; start += PER_FILE) {
    const blocks = nodes.slice(start, start + PER_FILE).map(node => block(node, options));
    writeFileSync(join(folder, `resources-${String(start / PER_FILE).padStart(3, '0')}.tf`), blocks.join('\n'));
  }
}

function block(node: Node, options: TerraformOptions): string {
  const labels = [
    'app = "bench"',
    `tier = "${node.tier}"`,
    `number = "${node.index}"`,
    ...node.after.map((index, at) => `after-${at} = terraform_data.${id(index)}.id`),
  ];
  const sleep =
    options.sleepMs === undefined
      ? ''
      : `  provisioner "local-exec" {\n    command = "sleep ${options.sleepMs / 1_000}"\n    quiet   = true\n  }\n`;
  return `resource "terraform_data" "${id(node.index)}" {
  input = {
    name      = "${node.name}"
    size      = "${node.index === options.changed ? 'medium' : 'small'}"
    image     = "debian-12"
    zone      = "${node.zone}"
    public_ip = true
    user_data = "node ${node.index}"
    labels = {
      ${labels.join('\n      ')}
    }
  }
${sleep}}
`;
}

/**
 * Writes the state that applying the graph leaves. Applying 1,000 resources takes terraform most of a minute, so only the
 * apply cells do it. Dependencies are the direct ones; a real state also holds the transitive ones and is larger.
 */
export function writeTerraformState(folder: string, nodes: readonly Node[]): void {
  const state = {
    version: 4,
    terraform_version: terraformVersion()?.replace(/^Terraform v/, '') ?? '1.0.0',
    serial: 1,
    lineage: '00000000-0000-4000-8000-000000000000',
    outputs: {},
    resources: nodes.map(instance),
    check_results: null,
  };
  writeFileSync(join(folder, 'terraform.tfstate'), JSON.stringify(state, null, 2));
}

function instance(node: Node): unknown {
  const labels: { [key: string]: string } = { app: 'bench', tier: node.tier, number: String(node.index) };
  node.after.forEach((index, at) => {
    labels[`after-${at}`] = uuid(index);
  });
  const value = {
    name: node.name,
    size: 'small',
    image: 'debian-12',
    zone: node.zone,
    public_ip: true,
    user_data: `node ${node.index}`,
    labels,
  };
  const strings = Object.fromEntries(Object.keys(labels).map(key => [key, 'string']));
  const type = [
    'object',
    {
      name: 'string',
      size: 'string',
      image: 'string',
      zone: 'string',
      public_ip: 'bool',
      user_data: 'string',
      labels: ['object', strings],
    },
  ];
  return {
    mode: 'managed',
    type: 'terraform_data',
    name: id(node.index),
    provider: PROVIDER,
    instances: [
      {
        schema_version: 0,
        attributes: { id: uuid(node.index), input: { value, type }, output: { value, type }, triggers_replace: null },
        sensitive_attributes: [],
        ...(node.after.length === 0 ? {} : { dependencies: node.after.map(index => `terraform_data.${id(index)}`) }),
      },
    ],
  };
}

function id(index: number): string {
  return `r_${String(index).padStart(5, '0')}`;
}

function uuid(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}
