import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../planner/render/body.ts';
import { renderPlanMarkdown } from '../../planner/render/markdown.ts';
import { renderPlanText } from '../../planner/render/text.ts';
import { linesOf } from '../../planner/render/summary.ts';
import { makePlan } from '../../planner/plan.ts';
import { isUnknown, resolveSpec } from '../../planner/resolve.ts';
import { showValue } from '../../planner/show.ts';
import type { Json } from '../../schemas/json.ts';
import { inputOf, type Wish } from './fixture.ts';

const use = (version: string): Json => ({ $secret: 'db/password', version });
const join = (version: string): Json => ({
  $join: ['postgres://app:', use(version), '@', { $ref: 'server/db.privateIp' }],
});

describe('the use of a secret', () => {
  test('is a known value, alone and inside a text', () => {
    expect(isUnknown(use('0123456789ab'))).toBe(false);
    const { spec, missing } = resolveSpec({ url: join('0123456789ab') }, () => '10.0.0.5');
    expect(missing).toEqual([]);
    expect(spec).toEqual({ url: { $join: ['postgres://app:', use('0123456789ab'), '@10.0.0.5'] } });
    expect(isUnknown(spec)).toBe(false);
    expect(isUnknown(join('0123456789ab'))).toBe(true);
  });

  test('is shown by its path', () => {
    expect(showValue(use('0123456789ab'))).toBe('(secret db/password)');
    expect(showValue(join('0123456789ab'))).toBe('postgres://app:${secret.db/password}@${server/db.privateIp}');
    expect(showValue({ a: use('0123456789ab') })).toBe('{a: (secret db/password)}');
  });

  test('changes with its version, and nothing else is said of it', () => {
    const wish = (version: string): Wish => ({
      spec: { password: use(version), url: { $join: ['x-', use(version)] } },
    });
    const desired = { 'taskserv.postgres/db': wish('bbbbbbbbbbbb') };
    const input = inputOf({ desired, things: { 'taskserv.postgres/db': wish('aaaaaaaaaaaa') } });
    const plan = makePlan(input);
    const [line] = linesOf(plan);
    const rows = line === undefined ? [] : rowsOf(line, 80).map(({ sign, name, text }) => `${sign} ${name} ${text}`);
    expect(rows).toEqual([
      '~ password (secret db/password) (secret changed)',
      '~ url x-${secret.db/password} (secret changed)',
    ]);
    for (const text of [renderPlanText(plan, { colour: false, width: 100 }), renderPlanMarkdown(plan)]) {
      expect(text).toContain('(secret changed)');
      expect(text).not.toMatch(/aaaaaaaaaaaa|bbbbbbbbbbbb/);
    }
  });
});
