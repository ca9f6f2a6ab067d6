import { afterEach, describe, expect, it } from 'vitest';
import { addresses, openSite, type Site } from './site.ts';

let site: Site;
afterEach(() => site.close());

const SERVER = 'server:\n  web: { size: small, image: debian-12, zone: fi-1 }\n';
const TWO = `${SERVER}  db: { size: small, image: debian-12, zone: fi-1 }\n`;

describe('a pass', () => {
  it('applies what was pushed, one checkpoint for each change, and costs nothing from then on', async () => {
    site = await openSite();
    await site.push({ 'infra/main.yaml': TWO });
    const first = await site.pass();
    expect(first).toMatchObject({ status: 'applied', writes: 2, run: { outcome: 'done' } });
    expect(addresses(site)).toEqual(['server.db', 'server.web']);
    expect(site.writes()).toBe(2);
    const store = site.ports.openState({ remote: site.remote, workspace: 'shop' });
    const { head } = await store.read();
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await site.pass()).toMatchObject({ status: 'in-sync', writes: 0, checkpoints: 0, drift: [] });
    }
    expect(site.writes()).toBe(0);
    expect((await store.read()).head).toBe(head);
    expect((await store.history({ limit: 100 })).filter(entry => entry.step === 'done')).toHaveLength(2);
    expect((await store.verify()).problems).toEqual([]);
  });

  it('says what is wrong in the files, with the place, and touches nothing', async () => {
    site = await openSite();
    await site.push({ 'infra/main.yaml': 'server:\n  web: { size: small, image: debian-12, zoen: fi-1 }\n' });
    const report = await site.pass();
    expect(report).toMatchObject({ status: 'invalid', writes: 0, checkpoints: 0 });
    expect(JSON.stringify(report.fault)).toContain('"line":2');
    expect(JSON.stringify(report.fault)).toContain('zone');
    expect(addresses(site)).toEqual([]);
  });
});
