import { resolve } from 'node:path';
import { z } from 'zod';
import { openPlace } from '../reconciler/import/place.ts';
import { previewAdoption } from '../reconciler/import/preview.ts';
import { scanAccount } from '../reconciler/import/scan.ts';
import { settle } from '../reconciler/import/settle.ts';
import { CloudKind } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { answerOf, IMPORT_FLAGS, Imported, importText } from './importing.ts';

export const importRun = defineOperation({
  name: 'import.run',
  aliases: ['import'],
  summary: 'Describe what an account holds already in workspace files, to be taken over by the next apply.',
  description:
    'It lists the account, changes nothing there, and writes new files only: no file that exists is touched, and what the workspace describes already is not written again. Each object is written with `adopt` and `protect: true`; an apply then takes it over.',
  example: 'provisioning import demo -C infrastructure/shop',
  permission: 'workspace:write',
  safe: false,
  input: z.strictObject({
    provider: z
      .string()
      .min(1)
      .max(63)
      .describe('Provider of the workspace file; in a folder without one, the driver that it is made for.')
      .meta({ positional: true }),
    ...IMPORT_FLAGS,
    only: z.array(CloudKind).default([]).describe('Only objects of this kind. May be given more than once.'),
  }),
  output: Imported,
  async run(ports, input, call) {
    const { provider: wanted, name, only } = input;
    const directory = resolve(input.directory);
    const place = await openPlace(ports, { directory, name, providers: [wanted], strict: true });
    const provider = place.providers.get(wanted) ?? wanted;
    const scan = await scanAccount(ports, place, { provider, only, signal: call.signals.abort });
    const settled = await settle(ports, place, scan);
    const preview = previewAdoption(ports, place, { scan, settled });
    return answerOf(ports, place, { settled, dryRun: input.dryRun, account: scan.account, known: scan.known, preview });
  },
  text: importText,
});
