import type { CatalogueEntry, Flag } from '../../operations/entry.ts';

const DIRECTORY: Flag = {
  name: 'directory',
  field: 'directory',
  short: 'C',
  type: 'string',
  default: '.',
  description: 'Folder of the workspace.',
};
const ENV: Flag = { name: 'env', field: 'env', type: 'string', description: 'Environment of the workspace.' };

function entry(fields: Partial<CatalogueEntry> & Pick<CatalogueEntry, 'name' | 'flags'>): CatalogueEntry {
  return {
    aliases: [],
    summary: `Does ${fields.name}.`,
    example: `provisioning ${fields.name.replace('.', ' ')}`,
    permission: 'plan:read',
    safe: true,
    load: () => Promise.reject(new Error('not loaded here')),
    ...fields,
  };
}

/** A small catalogue with a flag of every type, so that these tests do not change with the real one. */
export const FIXTURE: readonly CatalogueEntry[] = [
  entry({
    name: 'apply.run',
    aliases: ['apply'],
    safe: false,
    flags: [
      DIRECTORY,
      ENV,
      { name: 'plan', field: 'plan', type: 'string', description: 'Digest.' },
      { name: 'auto-approve', field: 'autoApprove', type: 'boolean', default: false, description: 'Do not ask.' },
    ],
  }),
  entry({ name: 'demo.cloud', flags: [] }),
  entry({
    name: 'plan.approve',
    aliases: ['approve'],
    safe: false,
    flags: [
      {
        name: 'digest',
        field: 'digest',
        type: 'string',
        positional: true,
        required: true,
        description: 'Digest of the plan.',
      },
      DIRECTORY,
    ],
  }),
  entry({
    name: 'plan.show',
    aliases: ['plan'],
    flags: [
      DIRECTORY,
      ENV,
      { name: 'target', field: 'target', type: 'list', description: 'Only this address.' },
      {
        name: 'parallel',
        field: 'parallel',
        type: 'int',
        min: 1,
        max: 64,
        default: 4,
        description: 'Changes at once.',
      },
      {
        name: 'format',
        field: 'format',
        type: 'choice',
        choices: ['text', 'markdown', 'mermaid'],
        default: 'text',
        description: 'How to print.',
      },
      {
        name: 'detailed-exitcode',
        field: 'detailedExitcode',
        type: 'boolean',
        default: false,
        description: 'Exit with 10.',
      },
    ],
  }),
  entry({ name: 'state.list', flags: [DIRECTORY] }),
  entry({
    name: 'state.move',
    flags: [
      { name: 'address', field: 'address', type: 'list', positional: true, required: true, description: 'Addresses.' },
      DIRECTORY,
    ],
  }),
];
