import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly size: 'small' | 'full';
  }
}

/** Whether this is the run at full size: with the integration tests, and not in `npm test`. */
export const isFull = (): boolean => inject('size') === 'full';

/** A number of cases, seeds or objects. Tests in `*.scaled.test.ts` run twice: small in `npm test`, at full size with the integration tests. */
export const scaled = (small: number, full: number): number => (isFull() ? full : small);
