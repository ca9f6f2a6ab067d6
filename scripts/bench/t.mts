import { graph } from './shapes.ts'; import { writeOurs } from './ours.ts';
import { loadWorkspace } from '../../schemas/parse/load.ts'; import { PROVIDERS } from '../../providers/index.ts';
import { readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
for (const [shape,n] of [['independent',10000]] as const) {
const root = mkdtempSync('/tmp/bl-'); const w = await writeOurs({folder: root+'/ours', name:'x', nodes: graph(shape,n), cloudUrl:'http://127.0.0.1:1', parallel:10});
const files = new Map(readdirSync(w.folder,{recursive:true,encoding:'utf8'}).filter(p=>p.endsWith('.yaml')).map(p=>[p, new Uint8Array(readFileSync(w.folder+'/'+p))]));
let bytes=0; for (const b of files.values()) bytes+=b.length;
for (let r=0;r<3;r++){ const t=performance.now(); const l=loadWorkspace({files,prefix:'',env:null,drivers:PROVIDERS}); console.log(shape,n,(bytes/1e6).toFixed(1)+'MB',(performance.now()-t).toFixed(0)+' ms', l.workspace.resources.length);}
rmSync(root,{recursive:true}); }
