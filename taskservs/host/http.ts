import type { HostItem } from '../../schemas/taskserv.ts';
import { CURL, curlRequest, type Request } from './curl.ts';

/** Asks a service over HTTP, as a proof of use. */
export function answers(
  title: string,
  request: Request,
  { expect, withinSeconds = 60 }: { readonly expect?: string; readonly withinSeconds?: number } = {},
): HostItem {
  return {
    is: 'verify',
    title,
    run: CURL,
    stdin: curlRequest(request),
    ...(expect === undefined ? {} : { expect }),
    withinSeconds,
  };
}
