import { graph } from './shapes.ts'; import { writeOurs } from './ours.ts'; import { rmSync } from 'node:fs';
const [shape, n, par, url, name] = process.argv.slice(2) as any;
rmSync(`/tmp/rig/${name}`, {recursive:true, force:true}); 
const w = await writeOurs({folder:`/tmp/rig/${name}/ours`, name, nodes: graph(shape, Number(n)), cloudUrl:url, parallel:Number(par), changed:Number(n)>>1});
console.log(w.folder, w.home);
