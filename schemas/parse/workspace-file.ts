import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { Settings, WorkspaceFile, type ProviderEntry } from '../workspace.ts';
import { ENDINGS, parseFile } from './document.ts';
import { reportIssues } from './issues.ts';
import { type Document, entryOf, shapeOf } from './node.ts';
import { createSink, type Place, type Sink } from './sink.ts';
import { follow, keyPlace, plainValue, type Sourced, writtenAt } from './source.ts';
import type { ZodType } from 'zod';
import type { Inventory } from '../provider.ts';

/** What the loader must know of a provider: the shape of its entry in the workspace file, and what that lists. */
export interface Drivers {
  readonly [driver: string]: { readonly config: ZodType; readonly inventory?: Inventory };
}

/** The workspace file alone, valid by its schema. Throws Fault `invalid`. Providers are not checked, because which exist is not known here. */
export function loadWorkspaceFile(files: ReadonlyMap<string, Uint8Array>, prefix: string): WorkspaceFile {
  const sink = createSink(prefix);
  const path = workspacePath(files, sink);
  const document = path === undefined ? undefined : parseFile(path, files.get(path) ?? new Uint8Array());
  for (const flaw of document?.flaws ?? [])
    sink.error({ document: document as Document, at: flaw.at }, { ...flaw, also: [] });
  const file = document === undefined || document.flaws.length > 0 ? undefined : readWorkspaceFile(document, sink);
  sink.finish(1);
  return file as WorkspaceFile;
}

/** The one `workspace.*` of the folder; states when there is none or more than one. */
export function workspacePath(files: ReadonlyMap<string, Uint8Array>, sink: Sink): string | undefined {
  const found = ENDINGS.map(ending => `workspace.${ending}`).filter(path => files.has(path));
  if (found.length > 1) {
    sink.error(undefined, {
      id: 'WS-FILE',
      what: `there are ${found.length} workspace files: ${found.join(', ')}`,
      fix: 'keep one of them',
    });
  } else if (found.length === 0) {
    sink.error(undefined, {
      id: 'WS-FILE',
      what: 'there is no workspace.yaml',
      why: 'it names the workspace and its providers',
      fix: '`provisioning init` writes one',
    });
  }
  return found[0];
}

/** Checks the workspace file by its schema; undefined when it is not valid. */
export function readWorkspaceFile(document: Document, sink: Sink): WorkspaceFile | undefined {
  const { root } = document;
  if (root === null || root.kind !== 'map') {
    const what =
      root === null ? 'the workspace file is empty' : `the workspace file must be a map, not ${shapeOf(root)}`;
    sink.error(
      { document, at: 0 },
      { id: root === null ? 'WS-EMPTY' : 'WS-TYPE', what, fix: 'it needs at least `name` and `providers`' },
    );
    return undefined;
  }
  const source: Sourced = { document, node: root };
  const version = entryOf(root, 'schemaVersion');
  if (version !== undefined && (version.node.kind !== 'scalar' || version.node.value !== '1')) {
    sink.error(
      { document, at: version.node.at },
      versionFinding(document, version.node.at, version.node.kind === 'scalar' ? version.node.value : null),
    );
    return undefined;
  }
  const value = plainValue(root);
  const parsed = WorkspaceFile.safeParse(value);
  if (parsed.success) return parsed.data;
  reportIssues(
    sink,
    {
      label: 'the workspace file',
      schema: WorkspaceFile,
      value,
      locate: path => follow(source, path).place,
      locateKey: (path, key) => keyPlace(source, path, key),
      written: path => writtenNumber(source, path),
      isSecret: path => path[0] === 'providers' && path.length > 2,
    },
    parsed.error.issues,
    () => false,
  );
  return undefined;
}

/** A number as it stands in the file; undefined for anything else. */
export function writtenNumber(source: Sourced, path: readonly PropertyKey[]): string | undefined {
  const { node, place, steps } = follow(source, path);
  if (steps < path.length || node.kind !== 'scalar' || typeof node.value !== 'number') return undefined;
  return writtenAt(place);
}

function versionFinding(
  document: Document,
  at: number,
  value: unknown,
): { id: string; what: string; why: string; fix: string } {
  const shown = showText(writtenAt({ document, at }) ?? '');
  return {
    id: 'WS-SCHEMA',
    what: value === 1 ? 'schemaVersion must be text' : `schemaVersion ${shown} is not supported`,
    why: 'this version of provisioning reads "1"',
    fix:
      value === 1
        ? 'quote it: "1"'
        : 'write "1", or install the version of provisioning that the files were written for',
  };
}

/** The settings of a workspace, out of its file. */
export function settingsOf(file: WorkspaceFile): Settings {
  const { review, rollback, pullRequests, drift, limits, ssh, mirror } = file;
  const optional = { ...(ssh === undefined ? {} : { ssh }), ...(mirror === undefined ? {} : { mirror }) };
  return { review, rollback, pullRequests, drift, limits, ...optional };
}

/** Checks the provider entries by each provider's own schema. Their values are never shown, because they may hold credentials. */
export function readProviders(
  file: WorkspaceFile,
  document: Document,
  { drivers, sink }: { readonly drivers: Drivers; readonly sink: Sink },
): { readonly [name: string]: ProviderEntry } {
  const source: Sourced = { document, node: document.root as Sourced['node'] };
  const entries: { [name: string]: ProviderEntry } = {};
  for (const [name, entry] of Object.entries(file.providers)) {
    const { driver = name, ...config } = entry as { driver?: unknown };
    const known = typeof driver === 'string' && Object.hasOwn(drivers, driver) ? drivers[driver] : undefined;
    if (known === undefined) {
      const has = 'driver' in entry;
      const place = has ? follow(source, ['providers', name, 'driver']).place : keyPlace(source, ['providers'], name);
      sink.error(place, unknownDriver(String(driver), has, Object.keys(drivers)));
      continue;
    }
    const parsed = known.config.safeParse(config);
    if (parsed.success)
      entries[name] = { driver: driver as string, config: parsed.data as { readonly [key: string]: unknown } };
    else reportConfig(name, { source, config, schema: known.config, issues: parsed.error.issues, sink });
  }
  return entries;
}

function reportConfig(
  name: string,
  {
    source,
    config,
    schema,
    issues,
    sink,
  }: { source: Sourced; config: unknown; schema: ZodType; issues: Parameters<typeof reportIssues>[2]; sink: Sink },
): void {
  const at = (path: readonly PropertyKey[]): Place => follow(source, ['providers', name, ...path]).place;
  reportIssues(
    sink,
    {
      label: `provider ${name}`,
      schema,
      value: config,
      locate: at,
      locateKey: (path, key) => keyPlace(source, ['providers', name, ...path], key),
      written: () => undefined,
      isSecret: () => true,
      extra: ['driver'],
    },
    issues,
    () => false,
  );
}

function unknownDriver(
  driver: string,
  written: boolean,
  known: readonly string[],
): { id: string; what: string; why: string; fix: string } {
  const guess = nearest(driver, known);
  return {
    id: 'WS-PROVIDER',
    what: `there is no provider driver "${showText(driver)}"`,
    why: `known: ${known.toSorted().join(', ')}`,
    fix:
      guess === undefined
        ? written
          ? 'name one of the known drivers'
          : 'add `driver:` with one of the known drivers'
        : `did you mean \`${guess}\`?`,
  };
}
