import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { renderReview } from '../../planner/render/review.ts';
import { VIEWS } from './review-views.ts';

const CASES = fileURLToPath(new URL('./review-cases/', import.meta.url));
const UPDATE = process.env['UPDATE'] === '1';
const fileUrl = (file: string, line: number) => `https://git.example/acme/infra/blob/aaaa/${file}#L${line}`;

describe('review comments', () => {
  test.each(Object.entries(VIEWS))('%s', (name, view) => {
    const { body, isCut } = renderReview(view, { fileUrl });
    const path = join(CASES, `${name}.md`);
    if (UPDATE) writeFileSync(path, body);
    expect(existsSync(path), `${path} is missing: run with UPDATE=1 and read it`).toBe(true);
    expect(body).toBe(readFileSync(path, 'utf8'));
    expect(isCut).toEqual([]);
  });

  test('no golden without a view', () => {
    expect(readdirSync(CASES).sort()).toEqual(
      Object.keys(VIEWS)
        .map(name => `${name}.md`)
        .sort(),
    );
  });
});
