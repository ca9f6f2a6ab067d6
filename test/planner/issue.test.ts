import { expect, test } from 'vitest';
import { type DriftView, renderIssue } from '../../planner/render/issue.ts';
import { markdownFlaws } from './markdown-check.ts';

const CHANGED = {
  status: 'changed',
  address: 'server/web-1',
  text: 'server/web-1: size small -> large',
  fields: [{ path: 'size', recorded: 'small', observed: 'large' }],
} as const;
const GONE = { status: 'missing', address: 'volume/data', text: 'volume/data is gone', fields: [] } as const;
const VIEW: DriftView = { workspace: 'shop@prod', entries: [CHANGED, GONE], since: '2026-11-20', snoozedUntil: null };

test('what differs, and three ways out', () => {
  const { title, body } = renderIssue(VIEW);
  expect(title).toBe('Drift in shop@prod: 2 differences');
  expect(body.split('\n', 1)[0]).toBe('<!-- provisioning:drift shop@prod -->');
  for (const command of ['fix', 'adopt', 'snooze']) expect(body).toContain(`\`/provisioning ${command}`);
  expect(body).toContain('seen first on 2026-11-20');
  expect(body).toContain('| `~` | changed | `server/web-1` |');
  expect(body).toContain('-   size  small\n+   size  large\n');
  expect(body).not.toContain('Snoozed');
  expect(markdownFlaws(body)).toEqual([]);
});

test('snoozed, with answers, and without a first day', () => {
  const answer = {
    remark: '1',
    by: 'ben',
    command: 'snooze 2026-12-01',
    outcome: 'done',
    text: 'Closed until then',
  } as const;
  const { body } = renderIssue({ ...VIEW, since: null, snoozedUntil: '2026-12-01', answers: [answer] });
  expect(body).toContain('**Snoozed until 2026-12-01.**');
  expect(body).toContain('- ✓ done: `snooze 2026-12-01` by ben. Closed until then.');
  expect(body).not.toContain('seen first');
  expect(markdownFlaws(body)).toEqual([]);
});

test.each([1, 400, 4_000])('%i differences fit, and what is missing is counted', count => {
  const text = '🚀漢 `````` </details> | @everyone';
  const entries = Array.from({ length: count }, (_, at) => ({
    ...CHANGED,
    address: `server/s-${at}`,
    text,
    fields: [{ path: text, recorded: text, observed: `${text} ${at}` }],
  }));
  const { title, body } = renderIssue({ ...VIEW, entries });
  expect(title).not.toContain('\n');
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(markdownFlaws(body)).toEqual([]);
  const isWhole = entries.every(({ address }) => body.includes(`\`${address}\``) && body.includes(`! ${address}\n`));
  expect(body.includes('Left out here: ')).toBe(!isWhole);
  expect(isWhole).toBe(count === 1);
});
