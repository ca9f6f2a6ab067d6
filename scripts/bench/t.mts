import { graph } from './shapes.ts';
import { writeTerraform, writeTerraformState, terraform } from './terraform.ts';
import { mkdirSync } from 'node:fs';
for (const [shape, n] of [['independent',100],['independent',1000],['layered',1000],['chain',1000],['independent',10000]] as const) {
  const dir = `/tmp/tfx/${shape}-${n}`; 
  const nodes = graph(shape, n); writeTerraform(dir, nodes);
  const v = await terraform(dir, 'validate');
  const e = await terraform(dir, 'plan');
  writeTerraformState(dir, nodes);
  const p = await terraform(dir, 'plan');
  console.log(shape, n, 'validate', v.wallS.toFixed(2), v.cpuS, v.peakMib, 'empty', e.wallS.toFixed(2), e.cpuS, e.peakMib?.toFixed(0), 'noop', p.wallS.toFixed(2), p.cpuS, p.peakMib?.toFixed(0), p.exit, /No changes/.test(p.stdout));
}
