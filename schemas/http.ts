/** What is asked over HTTP, in the words of the global `fetch`. */
export interface HttpAsk {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** A redirect is an answer; nobody follows it. */
  readonly redirect?: 'manual';
}

/** An answer whose body has not been read. */
export interface HttpReply {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Headers of an answer, whatever the case of a name. */
export type HttpHeaders = Pick<Headers, 'get' | 'has'>;

/**
 * The part of the global `fetch` that is used; the global one is one of these. An error to connect has its system code in
 * `cause`, as there.
 */
export type HttpFetch = (url: string, ask?: HttpAsk) => Promise<HttpReply>;
