// How long it takes from a push to the comment: `npx tsx scripts/review-latency.ts [--pushes 30]`. A real remote over the file
// system, pull requests that stand in Git itself, and a demo cloud over HTTP that already holds the objects of the workspace.
// Each push resizes one of them. Measured from the end of the push to the moment at which the comment can be read again.
import { parseArgs } from 'node:util';
import { openReview } from '../reconciler/review/open.ts';
import { trySync } from '../reconciler/review/sync.ts';
import { openSite, type Site, workspaceFile } from '../test/reconciler/site.ts';

const { values } = parseArgs({ options: { pushes: { type: 'string', default: '30' } } });

for (const count of [10, 100, 1_000]) {
  const site = await openSite();
  try {
    const took = await measured(site, count, Number(values.pushes));
    took.sort((a, b) => a - b);
    const at = (share: number): string =>
      `${took[Math.min(took.length - 1, Math.floor(took.length * share))]?.toFixed(0)} ms`;
    console.log(`${String(count).padStart(5)} resources, ${took.length} pushes: p50 ${at(0.5)}, p99 ${at(0.99)}`);
  } finally {
    await site.close();
  }
}

async function measured(site: Site, count: number, pushes: number): Promise<number[]> {
  await site.push({ 'infra/main.yaml': servers(count, 0) });
  const applied = await site.pass();
  if (applied.status !== 'applied') throw new Error(`the workspace could not be applied: ${applied.status}`);
  await site.push({ 'workspace.yaml': workspaceFile(site.cloud.url, 'review: required') });
  const forge = await site.ports.openPlainForge({ url: site.remote, branch: 'main' });
  await site.pushTo('change', { 'infra/main.yaml': servers(count, 1) });
  const { number } = await forge.open({ by: 'ann', branch: 'change', title: 'Change' });
  const source = await site.ports.openMirror(site.remote);
  const signals = { stop: site.stop.signal, abort: new AbortController().signal };
  const ctx = await openReview(site.ports, {
    source,
    branch: 'main',
    selection: { workspaces: [], env: null },
    signals,
  });
  if (ctx === null) throw new Error('there is no review');
  const took: number[] = [];
  for (let turn = 2; turn < pushes + 2; turn += 1) {
    const sha = await site.pushTo('change', { 'infra/main.yaml': servers(count, turn) });
    const began = performance.now();
    await trySync(ctx, number);
    const comment = (await forge.remarks(number)).find(remark => remark.isOwn);
    took.push(performance.now() - began);
    if (comment?.body.includes(sha.slice(0, 7)) !== true) throw new Error('the comment is not about the pushed commit');
  }
  return took;
}

function servers(count: number, turn: number): string {
  const lines = Array.from(
    { length: count },
    (_, index) =>
      `  s-${index}: { size: ${index === turn % count ? 'medium' : 'small'}, image: debian-12, zone: fi-1 }`,
  );
  return `server:\n${lines.join('\n')}\n`;
}
