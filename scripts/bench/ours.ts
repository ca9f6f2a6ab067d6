import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command, Measured } from './measure.ts';
import { measure, run } from './measure.ts';
import type { Node } from './shapes.ts';
import { nodeName } from './shapes.ts';

const PRODUCT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The copy of the built program that is measured, so that a build during a long run changes nothing. */
export function copyProgram(root: string): string {
  cpSync(join(PRODUCT, 'dist'), join(root, 'program', 'dist'), { recursive: true });
  cpSync(join(PRODUCT, 'package.json'), join(root, 'program', 'package.json'));
  return join(root, 'program', 'dist', 'main.js');
}

/** Branch whose files differ from HEAD in one field of one resource. */
export const CHANGED = 'one-change';

const PER_FILE = 500;

/** Who commits, for a git that knows nobody. */
export const AUTHOR = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com'] as const;

/** A workspace in a Git repository of its own, with a home of its own for journals and caches. */
export interface OurWorkspace {
  readonly folder: string;
  readonly home: string;
  readonly name: string;
  readonly program: string;
}

export interface WorkspaceOptions {
  /** File of the program. */
  readonly program: string;
  readonly folder: string;
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly cloudUrl: string;
  readonly parallel: number;
  /** Index of the node that the branch `one-change` changes. */
  readonly changed?: number;
  readonly perFile?: number;
}

/** Writes the graph as servers of the demo cloud and commits it. */
export async function writeOurs(options: WorkspaceOptions): Promise<OurWorkspace> {
  const { folder, name, nodes } = options;
  const perFile = options.perFile ?? PER_FILE;
  mkdirSync(join(folder, 'infra'), { recursive: true });
  const home = join(dirname(folder), `${name}-home`);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(folder, 'workspace.yaml'), workspaceFile(options));
  for (let start = 0; start < nodes.length; start += perFile) {
    writeFileSync(infraFile(folder, start / perFile), servers(nodes.slice(start, start + perFile)));
  }
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  await commitAll(folder, 'Benchmark workspace');
  if (options.changed !== undefined) {
    const start = Math.floor(options.changed / perFile) * perFile;
    await git(folder, 'checkout', '--quiet', '-b', CHANGED);
    writeFileSync(infraFile(folder, start / perFile), servers(nodes.slice(start, start + perFile), options.changed));
    await commitAll(folder, 'One change');
    await git(folder, 'checkout', '--quiet', 'main');
  }
  return { folder, home, name, program: options.program };
}

async function commitAll(folder: string, subject: string): Promise<void> {
  await git(folder, 'add', '--all');
  await git(folder, ...AUTHOR, 'commit', '--quiet', '-m', subject);
}

export function git(folder: string, ...args: string[]): Promise<Measured> {
  return run(['git', '-C', folder, ...args]);
}

function infraFile(folder: string, number: number): string {
  return join(folder, 'infra', `servers-${String(number).padStart(3, '0')}.yaml`);
}

function workspaceFile({ name, cloudUrl, parallel }: WorkspaceOptions): string {
  return `name: ${name}
providers:
  demo:
    url: ${cloudUrl}
review: none
limits:
  parallel: ${parallel}
  perProvider: ${parallel}
`;
}

function servers(nodes: readonly Node[], changed?: number): string {
  const entries = nodes.map(node => {
    const after = node.after.map((index, at) => `      after-${at}: \${server.${nodeName(index)}.id}\n`).join('');
    return `  ${node.name}:
    size: ${node.index === changed ? 'medium' : 'small'}
    image: debian-12
    zone: ${node.zone}
    publicIp: true
    userData: node ${node.index}
    labels:
      app: bench
      tier: ${node.tier}
      number: "${node.index}"
${after}`;
  });
  return `server:\n${entries.join('')}`;
}

/** Runs one command of the program on the workspace and measures the whole process. */
export function ours(
  workspace: OurWorkspace,
  verb: string,
  flags: readonly string[] = [],
  more: Omit<Command, 'argv'> = {},
): Promise<Measured> {
  const env = { ...more.env, PROVISIONING_HOME: workspace.home, NO_COLOR: '1' };
  return measure({ ...more, argv: [process.execPath, workspace.program, verb, '-C', workspace.folder, ...flags], env });
}
