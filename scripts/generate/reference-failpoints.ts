import { FAILPOINTS, HOST_FAILPOINTS, REVIEW_FAILPOINTS } from '../../schemas/failpoint.ts';
import { reachedIn } from './reached.ts';
import { productSources } from './tree.ts';
import { page, table } from './comments.ts';

/** Every named place where a test may stop the program, and the files that reach it. */
export function failpointsPage(): string {
  const reached = reachedIn(productSources());
  const rows = [...FAILPOINTS, ...REVIEW_FAILPOINTS, ...HOST_FAILPOINTS].map(name => {
    const files = [...new Set(reached.filter(({ point }) => point.test(name)).map(({ path }) => `\`${path}\``))];
    return [`\`${name}\``, files.join(', ')];
  });
  return page('Failpoints', [
    'Places in the program where a test may kill, pause, fail or delay it. They do nothing unless the process is started with',
    '```sh\nPROVISIONING_TEST=1 PROVISIONING_FAILPOINT=<name>:<nth>:<kill|pause|error|delay=ms>[,...]\n```',
    'where `nth` counts from 1. A failpoint that fires first appends `fired <name>:<nth>:<action>` to the file named by `PROVISIONING_FAILPOINT_LOG`. `provisioning doctor` warns when they are set.',
    table(['failpoint', 'reached in'], rows),
  ]);
}
