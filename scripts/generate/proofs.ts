import { BY_HAND, ELSEWHERE, PROOFS } from '../../test/taskservs/proofs.ts';
import type { GeneratedFile } from '../generate.ts';
import { cell, page, table } from './comments.ts';

/** What the integration tests prove of each task service, from the table that they run. */
export function proofsPage(): GeneratedFile {
  const tried = Object.values(PROOFS)
    .flat()
    .map(({ service, proven = 'used', note }) => ({ service, proven, note: note ?? '' }));
  const byHand = BY_HAND.map(({ service, proven = 'used', note, on }) => ({
    service,
    proven,
    note: `${note ?? ''} (run by hand on ${on}: \`npx tsx scripts/prove.ts ${service}\`)`,
  }));
  const rows = [...tried, ...byHand, ...ELSEWHERE]
    .sort((a, b) => (a.service < b.service ? -1 : 1))
    .map(({ service, proven, note }) => [`[${service}](../taskservs/${service}/readme.md)`, proven, cell(note)]);
  const text = page('What was proven of each task service', [
    'From the tables that `npm run test:integration` runs on real hosts with systemd, over SSH, with the shipped scripts. *used*: installed, used as its own check uses it, looked at again with nothing to do, changed, used again, removed. *installed*: the same, but its check only shows that it runs. *rendered*: what would be done is compared with golden files, and was not carried out.',
    'Two versions of one service in one Debian are rare, so that upgrade and downgrade of packages are shown with the services of other repositories.',
    table(['service', 'proven', 'note'], rows),
  ]);
  return { path: 'docs/task-services-proof.md', text };
}
