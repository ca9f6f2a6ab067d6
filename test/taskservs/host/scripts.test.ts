import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { LOOK_SCRIPT } from '../../../taskservs/host/look-script.ts';
import { POLL_SCRIPT, RUN_SCRIPT, START_SCRIPT } from '../../../taskservs/host/run-script.ts';
import * as guardScripts from '../../../taskservs/host/guard-scripts.ts';
import * as scripts from '../../../taskservs/host/scripts.ts';

// What runs as root on every host is constant. Whoever changes it reads it once more, and the new digest says so.
test.each(Object.entries({ LOOK_SCRIPT, RUN_SCRIPT, START_SCRIPT, POLL_SCRIPT, ...guardScripts, ...scripts }))(
  '%s is the script that was looked at',
  (name, text) => {
    expect({ [name]: createHash('sha256').update(text).digest('hex').slice(0, 16) }).toMatchSnapshot();
  },
);
