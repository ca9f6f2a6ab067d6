/** One entry of `errors` in an answer of GitHub. */
export interface RefusalReason {
  readonly resource?: string;
  readonly field?: string;
  readonly code: string;
  readonly message?: string;
}

/** The forge says no: the answer of a request, or the failure of an actor in a test. */
export class Refusal extends Error {
  readonly status: number;
  readonly reasons: readonly (RefusalReason | string)[];
  readonly headers: { readonly [name: string]: string };

  constructor(
    status: number,
    message: string,
    more: {
      readonly reasons?: readonly (RefusalReason | string)[];
      readonly headers?: { readonly [name: string]: string };
    } = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.reasons = more.reasons ?? [];
    this.headers = more.headers ?? {};
  }
}

/** What is not there, or may not be seen. */
export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

/** Fields that do not fit. */
export function invalid(...reasons: readonly (RefusalReason | string)[]): Refusal {
  return new Refusal(422, 'Validation Failed', { reasons });
}
