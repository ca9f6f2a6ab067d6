import { afterEach, describe, expect, it } from 'vitest';
import { addresses, openSite, type Site } from './site.ts';

let site: Site;
afterEach(() => site.close());

const SERVER = 'server:\n  web: { size: small, image: debian-12, zone: fi-1 }\n';
const TWO = `${SERVER}  db: { size: small, image: debian-12, zone: fi-1 }\n`;

describe('a pass over real Git', () => {
  it('updates in place, replaces, and deletes, as the new commit says', async () => {
    site = await openSite({ workspace: 'review: none\nlimits: { deletePercent: 100 }' });
    await site.push({ 'infra/main.yaml': TWO });
    await site.pass();
    const before = site.cloud.core.objects();
    await site.push({ 'infra/main.yaml': SERVER.replace('small', 'medium') });
    const report = await site.pass();
    expect(report).toMatchObject({ status: 'applied' });
    expect(report.run?.done.sort()).toEqual(['delete server/db', 'update server/web']);
    const [web] = site.cloud.core.objects();
    expect(addresses(site)).toEqual(['server.web']);
    expect(web?.fields['size']).toBe('medium');
    expect(before.map(object => object.id)).toContain(web?.id);
    await site.push({ 'infra/main.yaml': SERVER.replace('debian-12', 'ubuntu-24.04') });
    const replaced = await site.pass();
    expect(replaced.run?.done.sort()).toEqual(['create server/web', 'delete server/web']);
    expect(site.cloud.core.objects().map(object => object.id)).not.toContain(web?.id);
    expect(addresses(site)).toEqual(['server.web']);
    expect(await site.pass()).toMatchObject({ status: 'in-sync', writes: 0 });
  });

  it('refuses a plan that deletes more than the brake allows, and everything when the files are empty', async () => {
    site = await openSite();
    const many = Array.from({ length: 8 }, (_, index) => `  s-${index}: { size: small, image: debian-12, zone: fi-1 }`);
    await site.push({ 'infra/main.yaml': `server:\n${many.join('\n')}\n` });
    await site.pass();
    site.writes();
    await site.push({ 'infra/main.yaml': `server:\n${many.slice(0, 2).join('\n')}\n` });
    expect(await site.pass()).toMatchObject({ status: 'refused', writes: 0 });
    await site.push({ 'infra/main.yaml': null });
    expect(await site.pass()).toMatchObject({ status: 'refused', writes: 0 });
    expect(site.writes()).toBe(0);
    expect(addresses(site)).toHaveLength(8);
  });

  it('puts back what somebody deleted or changed in the cloud, and says so', async () => {
    site = await openSite();
    await site.push({ 'infra/main.yaml': TWO });
    await site.pass();
    const [first, second] = site.cloud.core.objects();
    await fetch(`${site.cloud.url}/admin/objects/${first?.id}`, { method: 'DELETE' });
    await fetch(`${site.cloud.url}/admin/objects/${second?.id}`, {
      method: 'PATCH',
      body: JSON.stringify({ fields: { size: 'large' } }),
    });
    const report = await site.pass();
    expect(report.drift.map(entry => entry.status).sort()).toEqual(['changed', 'missing']);
    expect(report.status).toBe('applied');
    expect(addresses(site)).toEqual(['server.db', 'server.web']);
    expect(site.cloud.core.objects().map(object => object.fields['size'])).toEqual(['small', 'small']);
    expect(await site.pass()).toMatchObject({ status: 'in-sync', drift: [] });
  });

  it('takes back a failed run where the workspace asks for it, and does not try the same commit again', async () => {
    site = await openSite({ workspace: 'review: none\nrollback: automatic', settings: { stock: { large: 0 } } });
    const files =
      'network:\n  main: { ipRange: 10.0.0.0/16 }\nserver:\n  big: { size: large, image: debian-12, zone: fi-1, needs: [network/main] }\n';
    await site.push({ 'infra/main.yaml': SERVER });
    await site.pass();
    await site.push({ 'infra/main.yaml': `${SERVER}  big: { size: large, image: debian-12, zone: fi-1 }\n` });
    const refused = await site.pass();
    expect(refused.status).toBe('refused');
    await fetch(`${site.cloud.url}/admin/faults`, {
      method: 'POST',
      body: JSON.stringify({ match: { method: 'POST', kind: 'server' }, fault: 'quota', times: 100 }),
    });
    await site.push({ 'infra/main.yaml': files.replace('large', 'medium') + SERVER.replace('server:\n', '') });
    const failed = await site.pass();
    expect(failed).toMatchObject({ status: 'rolled-back', run: { outcome: 'failed' }, rollback: { outcome: 'done' } });
    expect(addresses(site)).toEqual(['server.web']);
    site.writes();
    expect(await site.pass()).toMatchObject({ status: 'failed', writes: 0 });
    expect(site.writes()).toBe(0);
  });

  it('refuses a head that does not descend from what was applied', async () => {
    site = await openSite();
    await site.push({ 'infra/main.yaml': SERVER });
    await site.pass();
    const { simpleGit } = await import('simple-git');
    await simpleGit(site.clone).raw('reset', '--quiet', '--hard', 'HEAD');
    await simpleGit(site.clone).raw('update-ref', '-d', 'HEAD');
    await site.push({ 'infra/main.yaml': TWO });
    const report = await site.pass();
    expect(report.status).toBe('refused');
    expect(report.fault?.problems[0]?.id).toBe('GIT-REWRITTEN');
    expect(addresses(site)).toEqual(['server.web']);
  });

  it('concludes nothing from a cloud that does not answer', async () => {
    site = await openSite();
    await site.push({ 'infra/main.yaml': TWO });
    await site.pass();
    await fetch(`${site.cloud.url}/admin/faults`, {
      method: 'POST',
      body: JSON.stringify({ match: { method: 'GET' }, fault: 'error-500-before', times: 1_000 }),
    });
    site.writes();
    const report = await site.pass();
    expect(['unavailable', 'refused']).toContain(report.status);
    expect(site.writes()).toBe(0);
    expect(addresses(site)).toEqual(['server.db', 'server.web']);
  });
});
