import { expect, test } from 'vitest';
import { desktop } from '../../../taskservs/desktop/index.ts';
import { difference } from '../../../taskservs/host/difference.ts';
import { emptyHost } from '../../../taskservs/host/facts.ts';
import { sceneOf, wishOf } from '../../../taskservs/host/parameters.ts';

test('daemons that need each other are both let start before the first of them is', () => {
  const place = { server: 'web-1', address: '10.0.1.5', architecture: 'amd64', codename: 'bookworm' } as const;
  const wish = wishOf(desktop, { spec: {} }, place);
  if (wish === null) throw new Error('the parameters do not fit');
  const acts = difference(sceneOf(desktop, wish, emptyHost('bookworm')));
  const titles = acts.map(({ title }) => title).filter(title => /^(?:keep|let|start) /.test(title));
  expect(titles.slice(0, 3)).toEqual([
    'keep xrdp-sesman.service, xrdp.service from starting before it is configured',
    'let xrdp-sesman.service, xrdp.service start',
    'start xrdp-sesman.service',
  ]);
});
