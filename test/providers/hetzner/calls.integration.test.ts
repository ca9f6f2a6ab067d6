import { it } from 'vitest';
import { expectPages } from './calls.ts';

it('sees 10,000 objects in as many requests as they have pages, and can do so every five minutes', () =>
  expectPages(10_000));
