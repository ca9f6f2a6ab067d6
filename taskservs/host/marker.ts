import { hash } from 'node:crypto';
import { z } from 'zod';
import { canonical } from '../../schemas/json.ts';
import type { Owner } from '../../schemas/owner.ts';

/** Folder of what we write down on a host. Root alone may read it. */
export const KEPT = '/var/lib/provisioning';

/** Where the marker of a service is. */
export function markerPath(service: string): string {
  return `${KEPT}/services/${service}.json`;
}

/** Where a run writes down what it found, as long as it has not finished. */
export function journalPath(service: string): string {
  return `${KEPT}/services/${service}.open`;
}

/** Where what stood at a path before us is kept, to be put back on removal. */
export function keptPath(service: string, path: string): string {
  return `${KEPT}/kept/${service}-${digest(path).slice(0, 16)}`;
}

/** SHA-256 of the canonical text of a value. */
export function digest(value: unknown): string {
  return hash('sha256', canonical(value));
}

/** An item without what only making it needs: enough to take it away again. */
export const Made = z.strictObject({
  is: z.string(),
  /** Path, name, unit or title. */
  key: z.string(),
  /** What takes a task back, and as whom. */
  undo: z.array(z.string()).optional(),
  as: z.string().optional(),
  /** Files of a release. */
  files: z.array(z.string()).optional(),
});
export type Made = z.infer<typeof Made>;

const Whose = {
  workspace: z.string(),
  lineage: z.string(),
  address: z.string(),
  opId: z.string(),
};

/**
 * What the last finished run of a service left: whose it is, and what it did. It is written last, and there is none while
 * a service is half installed.
 */
export const Marker = z.strictObject({
  format: z.literal(1),
  service: z.string(),
  ...Whose,
  protect: z.boolean(),
  /** Taking it away can cut the host off. */
  isRisky: z.literal(true).optional(),
  /** What was asked for, secrets by reference. */
  spec: z.record(z.string(), z.json()),
  version: z.string().nullable(),
  endpoint: z.string().nullable(),
  /** In the order in which they were made. */
  made: z.array(Made),
  /** Of every file the digests of its template and of its text; of one that holds a secret, also the template as it may be seen. */
  files: z.record(z.string(), z.strictObject({ template: z.string(), text: z.string(), shown: z.string().optional() })),
  /** Digest of what each task was run with, by title. */
  tasks: z.record(z.string(), z.string()),
  /** Digest of what each daemon was started with, by unit. */
  daemons: z.record(z.string(), z.string()),
  /** Packages, users and files that were not there before us, and daemons that did not run. */
  brought: z.array(z.string()),
  /** What stays on the host when the service goes. */
  data: z.array(z.string()),
});
export type Marker = z.infer<typeof Marker>;

/** What a run found before it changed anything; the marker takes it over when the run has finished. */
export const Journal = z.strictObject({ format: z.literal(1), ...Whose, brought: z.array(z.string()) });
export type Journal = z.infer<typeof Journal>;

/** The part of a marker or journal that says whose it is. */
export function whose({ workspace, lineage, address, opId }: Owner): z.infer<z.ZodObject<typeof Whose>> {
  return { workspace, lineage, address, opId };
}

/** The service in `taskserv.redis/web-1`. */
export function serviceIn(address: string): string {
  return address.slice(0, address.indexOf('/')).replace(/^taskserv\./, '');
}
