import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simpleGit } from 'simple-git';
import { afterEach, describe, expect, it } from 'vitest';
import { importRun } from '../../../operations/import.run.ts';
import type { Call } from '../../../operations/operation.ts';
import { look, planView, PLAIN_OPTIONS } from '../../../reconciler/view.ts';
import { KINDS } from '../../../schemas/kinds/index.ts';
import { openSite, type Site } from '../site.ts';
import { fillAccount } from './account.ts';

let site: Site;
afterEach(() => site.close());

const CALL: Call = {
  actor: 'tester',
  signals: { stop: new AbortController().signal, abort: new AbortController().signal },
  progress: () => {},
  confirm: () => Promise.resolve(true),
};

function importNow(only: readonly string[] = []) {
  const input = importRun.input.parse({ provider: 'demo', directory: site.clone, only });
  return importRun.run(site.ports, input, CALL);
}

async function plan() {
  const [target] = await site.targets();
  if (target === undefined) throw new Error('no workspace');
  const signal = CALL.signals.abort;
  const view = await look(site.ports, target, signal);
  return (await planView(site.ports, view, PLAIN_OPTIONS, signal)).plan;
}

function infra(): { readonly [path: string]: string } {
  const folder = join(site.clone, 'infra');
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe.each(['hetzner', 'ec2', 'upcloud'] as const)(
  'an account of 200 objects made by others, profile %s',
  profile => {
    it('is described, adopted and then left alone', { timeout: 300_000 }, async () => {
      site = await openSite({ settings: { profile, readLagMs: 0 } });
      const entry = `demo: { url: "${site.cloud.url}", profile: ${profile}, visibleAfterMs: 0 }`;
      await site.push({ 'workspace.yaml': `name: shop\nreview: none\nproviders:\n  ${entry}\n` });
      fillAccount(site.cloud.core, 200);
      site.writes();
      const first = await importNow();
      const count = site.cloud.core.objects().length;
      expect(count).toBeGreaterThanOrEqual(200);
      expect(first.leftOut).toEqual([]);
      expect(first.imported).toHaveLength(count);
      expect(new Set(first.imported.map(({ address }) => address.split('/')[0]))).toEqual(new Set(Object.keys(KINDS)));
      expect(first.plan).toEqual({ adoptions: count, differences: [], findings: [] });
      expect(site.writes()).toBe(0);

      const files = infra();
      const text = Object.values(files).join('');
      expect(text).not.toContain('hunter2');
      expect(text).not.toContain('ghp_');
      expect(text.match(/^ {4}protect: true$/gm)).toHaveLength(count);

      // Before anything is committed or adopted, a second import has nothing to say.
      expect(await importNow()).toMatchObject({ imported: [], known: count, files: [], leftOut: [] });
      expect(infra()).toEqual(files);

      await site.push({});
      const planned = await plan();
      expect(planned.changes.map(change => change.action)).toEqual(Array.from({ length: count }, () => 'adopt'));
      expect(planned.changes.flatMap(change => change.fields)).toEqual([]);
      expect(planned.findings.filter(finding => finding.level !== 'note')).toEqual([]);
      expect(site.writes()).toBe(0);

      const report = await site.pass();
      expect(report).toMatchObject({ status: 'applied', run: { outcome: 'done' } });
      expect(site.cloud.core.objects()).toHaveLength(count);
      expect(site.cloud.core.objects().every(object => object.protection)).toBe(true);
      site.writes();
      expect((await plan()).changes).toEqual([]);
      expect(await site.pass()).toMatchObject({ status: 'in-sync', writes: 0 });

      expect(await importNow()).toMatchObject({ imported: [], known: count, files: [], leftOut: [] });
      expect(await simpleGit(site.clone).raw('status', '--porcelain')).toBe('');
      expect(site.writes()).toBe(0);
    });
  },
);
