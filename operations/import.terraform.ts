import { resolve } from 'node:path';
import { z } from 'zod';
import { openPlace } from '../reconciler/import/place.ts';
import { settle } from '../reconciler/import/settle.ts';
import { knownDrivers, scanState } from '../reconciler/import/terraform.ts';
import { readState, STATE_BYTES } from '../schemas/terraform/state.ts';
import { defineOperation } from './operation.ts';
import { answerOf, IMPORT_FLAGS, Imported, importText } from './importing.ts';

export const importTerraform = defineOperation({
  name: 'import.terraform',
  summary: 'Describe the resources of a Terraform state file in workspace files, to be taken over by the next apply.',
  description:
    'It reads the file and nothing else: no cloud is asked, the state is not changed, and what it marks as sensitive is never read. What no kind exists for is listed in comments.',
  example: 'provisioning import terraform terraform.tfstate -C infrastructure/shop',
  permission: 'workspace:write',
  safe: false,
  input: z.strictObject({
    file: z
      .string()
      .min(1)
      .describe('State file of format version 4, for example what `terraform state pull` prints.')
      .meta({ positional: true }),
    ...IMPORT_FLAGS,
  }),
  output: Imported,
  async run(ports, input) {
    const state = readState(await ports.folders.readText(resolve(input.file), STATE_BYTES));
    const { name } = input;
    const directory = resolve(input.directory);
    const place = await openPlace(ports, { directory, name, providers: knownDrivers(ports, state), strict: false });
    const { known, ...findings } = scanState(ports, place, state);
    const settled = await settle(ports, place, findings);
    return answerOf(ports, place, { settled, dryRun: input.dryRun, account: null, known, preview: null });
  },
  text: importText,
});
