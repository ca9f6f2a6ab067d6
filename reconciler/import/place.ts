import { basename } from 'node:path';
import { emptyRecorded, type Recorded } from '../../schemas/checkpoint.ts';
import { Fault } from '../../schemas/fault.ts';
import { yamlText } from '../../schemas/export/yaml.ts';
import { Name } from '../../schemas/name.ts';
import { jsonSchemas } from '../../schemas/parse/json-schema.ts';
import { loadWorkspaceFile } from '../../schemas/parse/workspace-file.ts';
import { showText } from '../../schemas/problem.ts';
import type { Workspace } from '../../schemas/workspace.ts';
import type { Ports } from '../ports.ts';
import { localTarget } from '../target.ts';

/** A folder that resources are imported into, with what it describes and records already. */
export interface ImportPlace {
  readonly directory: string;
  /** The workspace files as they are on disk, committed or not, with the workspace file that will be written if there is none. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Files to write besides the resources: the workspace file, and the schemas that editors check files with. */
  readonly more: { readonly [path: string]: string };
  readonly workspace: Workspace;
  readonly recorded: Recorded;
  /** Providers of the workspace by what was asked for: a name in the workspace file, or a driver. */
  readonly providers: ReadonlyMap<string, Name>;
}

export interface PlaceInput {
  readonly directory: string;
  /** Providers of the workspace file, or drivers. */
  readonly providers: readonly string[];
  /** A provider that the workspace file does not have is a mistake; otherwise it is left out of the answer. */
  readonly strict: boolean;
  /** Name of the workspace, where one has to be made. */
  readonly name?: string | undefined;
}

/**
 * Reads the folder. Throws Fault `usage` when the provider is not known, or the workspace has environments: what is
 * imported would be taken over by each of them.
 */
export async function openPlace(ports: Ports, input: PlaceInput): Promise<ImportPlace> {
  const { directory } = input;
  const there = await ports.folders.files(directory);
  const isNew = ![...there.keys()].some(path => path.startsWith('workspace.'));
  const fresh = isNew ? newWorkspace(ports, input) : {};
  const files = new Map(there);
  for (const [path, text] of Object.entries(fresh)) files.set(path, new TextEncoder().encode(text));
  refuseEnvironments(files);
  const { workspace } = await ports.load({ files, prefix: '', env: null, drivers: ports.providers });
  const providers = new Map<string, Name>();
  for (const wanted of input.providers) {
    const provider = providerIn(workspace, wanted, input.strict);
    if (provider !== null) providers.set(wanted, provider);
  }
  const recorded = await recordedOf(ports, directory, workspace);
  const schemas = schemaFiles(isNew ? ['workspace', 'defaults', 'infra'] : ['infra']);
  const missing = ports.folders.absent(directory, Object.keys(schemas));
  for (const path of Object.keys(schemas)) if (!missing.includes(path)) delete schemas[path];
  return { directory, files, more: { ...fresh, ...schemas }, workspace, recorded, providers };
}

function newWorkspace(ports: Ports, { directory, providers, name }: PlaceInput): { readonly [path: string]: string } {
  for (const driver of providers) checkDriver(ports, directory, driver);
  const entries = providers.map(driver => `  ${yamlText(driver)}: {}\n`).join('');
  const text = `# yaml-language-server: $schema=.provisioning/workspace.schema.json
name: ${yamlText(name ?? nameOf(directory))}
providers:${entries === '' ? ' {}\n' : `\n${entries}`}`;
  return { 'workspace.yaml': text };
}

/** A workspace file can be made only for a driver that exists and that nothing has to be said about. */
function checkDriver(ports: Ports, directory: string, driver: string): void {
  const known = Object.keys(ports.providers).sort();
  const provider = known.includes(driver) ? ports.providers[driver] : undefined;
  if (provider === undefined) {
    throw new Fault('usage', {
      id: 'CLI-PROVIDER',
      what: `there is no provider "${showText(driver)}"`,
      why: `${showText(directory)} has no workspace file, so that one is made for a provider: ${known.join(', ')}`,
      fix: 'name one of them, or give the folder of a workspace with -C',
    });
  }
  const issues = provider.config.safeParse({}).error?.issues ?? [];
  if (issues.length === 0) return;
  const settings = [...new Set(issues.map(issue => issue.path.join('.')))].join(', ');
  throw new Fault('usage', {
    id: 'CLI-PROVIDER',
    what: `the provider ${driver} needs settings that nobody can guess: ${settings}`,
    why: `${showText(directory)} has no workspace file that gives them`,
    fix: `write workspace.yaml with a name and \`providers: { ${driver}: { ... } }\`, and import again`,
  });
}

/** The folder's name, if it can name a workspace. */
function nameOf(directory: string): Name {
  const result = Name.safeParse(basename(directory).toLowerCase().replace(/[ _.]/g, '-'));
  if (result.success) return result.data;
  throw new Fault('usage', {
    id: 'CLI-NAME',
    what: 'the name of the folder cannot name a workspace',
    why: 'a name has 1 to 63 of a-z, 0-9 and -, and starts with a letter',
    fix: 'give one with --name',
  });
}

function refuseEnvironments(files: ReadonlyMap<string, Uint8Array>): void {
  const { environments = [] } = loadWorkspaceFile(files, '');
  if (environments.length === 0) return;
  throw new Fault('usage', {
    id: 'CLI-ENV',
    what: 'this workspace has environments, and what is imported exists only once',
    why: `${environments.join(' and ')} would each take it over`,
    fix: 'import into a workspace of its own, in another folder',
  });
}

/** The entry of that name, or the only one with that driver. */
function providerIn({ providers }: Workspace, wanted: string, strict: boolean): Name | null {
  if (Object.hasOwn(providers, wanted)) return wanted;
  const names = Object.keys(providers);
  const [first, second] = names.filter(name => providers[name]?.driver === wanted);
  if (first !== undefined && second === undefined) return first;
  const isTwice = first !== undefined;
  if (!isTwice && !strict) return null;
  throw new Fault('usage', {
    id: 'CLI-PROVIDER',
    what: isTwice
      ? `several providers of the workspace file have the driver ${wanted}`
      : `the workspace file has no provider "${showText(wanted)}"`,
    why: `it has: ${names.join(', ')}`,
    fix: isTwice ? 'name one of them' : 'name one of them, or add an entry under `providers`',
  });
}

/** What the folder's state chain records; nothing where it is in no repository yet. */
async function recordedOf(ports: Ports, directory: string, { key }: Workspace): Promise<Recorded> {
  if (ports.folders.absent(directory, ['.']).length > 0) return emptyRecorded(key, '');
  try {
    const { stateRemote } = await localTarget(ports, { directory });
    return await ports.openState({ remote: stateRemote, workspace: key }).read();
  } catch (error) {
    if (error instanceof Fault && error.problems[0]?.id === 'GIT-NO-REPOSITORY') return emptyRecorded(key, '');
    throw error;
  }
}

function schemaFiles(names: readonly string[]): { [path: string]: string } {
  return Object.fromEntries(
    Object.entries(jsonSchemas())
      .filter(([name]) => names.includes(name))
      .map(([name, schema]) => [`.provisioning/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}
