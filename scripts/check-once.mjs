// Checks the document that `npm start -- --once --json` prints: the product's main job, as numbers.
import { readFileSync } from 'node:fs';

const once = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const wrong = [];
if (!(once.changes > 0)) wrong.push(`changes ${once.changes}`);
if (!(once.checkpoints.length > 0)) wrong.push('no checkpoints');
if (once.secondPass.status !== 'in-sync' || once.secondPass.writes !== 0 || once.secondPass.commits !== 0) {
  wrong.push(`second pass ${JSON.stringify(once.secondPass)}`);
}
if (!(once.drift.length > 0)) wrong.push('no drift found');
if (wrong.length > 0) {
  console.error(`npm start -- --once --json: ${wrong.join('; ')}`);
  process.exit(1);
}
console.log(
  `${once.workspace}: ${once.changes} changes, ${once.checkpoints.length} checkpoints, second pass in sync with 0 writes, drift found`,
);
