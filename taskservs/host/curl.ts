/** What curl is asked for. Everything goes through its standard input, so that no secret is a word of a command. */
export interface Request {
  readonly url: string;
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `name:password`. */
  readonly user?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  /** PEM file on the host that signs the certificate of the server. */
  readonly ca?: string;
}

/** The words of the command that reads such a request. */
export const CURL: readonly string[] = [
  'curl',
  '--silent',
  '--show-error',
  '--fail',
  '--max-time',
  '20',
  '--config',
  '-',
];

/** The request as a file of options, each value escaped. */
export function curlRequest(request: Request): string {
  const { url, method, user, headers = {}, body, ca } = request;
  const options: readonly (readonly [string, string | undefined])[] = [
    ['url', url],
    ['request', method],
    ['user', user],
    ...Object.entries(headers).map(([name, value]) => ['header', `${name}: ${value}`] as const),
    ['data-raw', body],
    ['cacert', ca],
  ];
  return options.map(([name, value]) => (value === undefined ? '' : `${name} = "${escaped(value)}"\n`)).join('');
}

function escaped(value: string): string {
  return value
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\v', '\\v');
}
