// Writes the first files of a new operation, kind, provider or task service: `npm run new operation state.move`.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatted, ROOT } from './generate/format.ts';
import type { GeneratedFile } from './generate.ts';

const SORTS: {
  readonly [sort: string]: {
    readonly shape: RegExp;
    readonly example: string;
    files(name: string): readonly GeneratedFile[];
  };
} = {
  operation: { shape: /^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/, example: 'state.move', files: operationFiles },
  kind: { shape: /^[a-z]+(?:-[a-z]+)*$/, example: 'dns-zone', files: kindFiles },
  provider: { shape: /^[a-z]+(?:-[a-z0-9]+)*$/, example: 'hetzner', files: providerFiles },
  taskserv: { shape: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, example: 'memcached', files: taskservFiles },
};

function camel(name: string): string {
  return name.replace(/[-.]([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function operationFiles(name: string): readonly GeneratedFile[] {
  const [noun = '', verb = ''] = name.split('.');
  const operation = `import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { TARGET } from './target.ts';

export const ${camel(name)} = defineOperation({
  name: '${name}',
  summary: 'Say in one sentence what it does.',
  example: 'provisioning ${noun} ${verb}',
  permission: '${noun}:read',
  safe: true,
  input: z.strictObject(TARGET),
  output: z.strictObject({ directory: z.string() }),
  async run(_ports, input) {
    return { directory: input.directory };
  },
  text: ({ directory }) => \`\${directory}\\n\`,
});
`;
  return [{ path: `operations/${name}.ts`, text: operation }];
}

function kindFiles(name: string): readonly GeneratedFile[] {
  const kind = `import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { labels } from './fields.ts';

export const ${camel(name)}: Kind = {
  name: '${name}',
  summary: 'Say in one sentence what it is.',
  spec: z.strictObject({
    labels: labels.optional(),
  }),
  fields: {
    labels: { effect: 'live' },
  },
  outputs: { id: { lifetime: 'stable' } },
  holdsData: false,
  createFirst: false,
};
`;
  return [{ path: `schemas/kinds/${name}.ts`, text: kind }];
}

function providerFiles(name: string): readonly GeneratedFile[] {
  const provider = `import { z } from 'zod';
import { type Provider, ProviderFault } from '../../schemas/provider.ts';

/** Say in one sentence which cloud this is, and where its API is described. */
export const ${camel(name)}: Provider = {
  name: '${name}',
  summary: 'Say in one sentence what it offers.',
  config: z.strictObject({}),
  // It offers no kind yet, so no plan can name it.
  capability: () => undefined,
  connect: () =>
    Promise.reject(new ProviderFault({ class: 'unsupported', code: 'no-kinds', message: '${name} offers no kind yet' })),
};
`;
  return [{ path: `providers/${name}/index.ts`, text: provider }];
}

function taskservFiles(name: string): readonly GeneratedFile[] {
  const service = `import { z } from 'zod';
import { debian } from '../host/fields.ts';
import { service } from '../host/service.ts';

/** Say in one sentence what it is. */
export const ${camel(name)} = service({
  name: '${name}',
  categories: ['development'],
  summary: 'Say in one sentence what it offers.',
  source: 'debian',
  version: null,
  fields: () => z.strictObject({}),
  holdsData: false,
  ports: () => [],
  endpoint: () => null,
  want: (_fields, _place, version) => [
    debian('${name}', version),
    { is: 'daemon', unit: '${name}' },
    { is: 'verify', title: 'use it', run: ['systemctl', 'is-active', '${name}'] },
  ],
});
`;
  const cases = { fresh: 'parameters: {}\n', 'in-sync': 'before: {}\nparameters: {}\n' };
  return [
    { path: `taskservs/${name}/index.ts`, text: service },
    { path: `taskservs/${name}/readme.md`, text: `# ${name}\n\nSay in one sentence what it is.\n` },
    ...Object.entries(cases).map(([at, text]) => ({ path: `test/taskservs/cases/${name}/${at}.yaml`, text })),
  ];
}

function main([sort = '', name = '']: readonly string[]): number {
  const known = Object.hasOwn(SORTS, sort) ? SORTS[sort] : undefined;
  if (known === undefined || !known.shape.test(name)) {
    const ways = Object.entries(SORTS).map(([word, { example }]) => `  npm run new ${word} ${example}`);
    console.error(`What shall be new?\n${ways.join('\n')}`);
    return 2;
  }
  for (const { path, text } of formatted(known.files(name))) {
    if (existsSync(join(ROOT, path))) {
      console.error(`${path} exists already; nothing was written`);
      return 2;
    }
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
    console.log(`written: ${path}`);
  }
  console.log(`Next: the checklist "A new ${sort}" in CONTRIBUTING.md, then npm run generate.`);
  return 0;
}

process.exit(main(process.argv.slice(2)));
