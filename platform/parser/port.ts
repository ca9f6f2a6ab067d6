import type { Document } from '../../schemas/parse/node.ts';

/** Reads single files away from the main thread. */
export interface FileReader {
  /** Never rejects for what the file holds. */
  read(path: string, bytes: Uint8Array): Promise<Document>;
  close(): Promise<void>;
}

/** What the main thread asks, and what the worker answers. The first message of a worker is `ready`. */
export interface ReadRequest {
  readonly path: string;
  readonly bytes: Uint8Array;
}
/** What a worker sends: `ready` once, then one document for each request. */
export type ReadReply = 'ready' | Document;
