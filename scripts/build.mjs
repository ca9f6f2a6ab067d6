// Bundles the program into dist/: main.js with lazy chunks, and one file for each worker. Runs after `npm ci` and before every start and test.
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** A running program may still load chunks of the build it was started from; a package holds none of them. */
const KEPT_MS = ['pack', 'publish'].includes(process.env.npm_command) ? 0 : 1_800_000;

const workers = readdirSync(join(root, 'platform'), { recursive: true }).filter(path => path.endsWith('-worker.ts'));
const entryPoints = [
  { in: join(root, 'cli/main.ts'), out: 'main' },
  ...workers.map(path => ({ in: join(root, 'platform', path), out: basename(path, '.ts') })),
];

// zod carries its messages in sixty languages; ours are in `invoke` and in the parser, so one is enough.
const oneLanguage = {
  name: 'one-language',
  setup(within) {
    within.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

// A namespace that is imported as one name keeps all of zod; imported as a namespace, only what is used.
const zodInUse = {
  name: 'zod-in-use',
  setup(within) {
    within.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace(
        /^import \{ (?:(type \w+), )?z(?:, (type \w+))? \} from 'zod';$/m,
        (_, before, after) => `import * as z from 'zod'; import { ${before ?? after ?? ''} } from 'zod';`,
      ),
    }));
  },
};

const { outputFiles } = await build({
  entryPoints,
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: '[name]-[hash]',
  define: { PROVISIONING_VERSION: JSON.stringify(version) },
  // Bundled CommonJS packages ask for Node's own packages with `require`, and ssh2 where it lies.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url); const __dirname = import.meta.dirname;",
  },
  legalComments: 'none',
  // What is loaded on every start is read faster without its comments; names stay, for whoever reads a trace.
  minifyWhitespace: true,
  minifySyntax: true,
  alias: {
    // Its build for Node is CommonJS, of which nothing can be left out.
    yaml: join(root, 'node_modules/yaml/browser/dist/index.js'),
    // So is theirs, and a bundled `import()` of it would lose the names.
    ...Object.fromEntries(
      ['@aws-sdk/client-ec2', '@aws-sdk/client-elastic-load-balancing-v2'].map(name => [
        name,
        join(root, 'node_modules', name, 'dist-es/index.js'),
      ]),
    ),
  },
  // Compiled parts of ssh2 that it can do without: Node's own ciphers are as fast.
  external: ['*.node', 'cpu-features'],
  logLevel: 'warning',
  write: false,
  plugins: [oneLanguage, zodInUse],
});

mkdirSync(dist, { recursive: true });
// Entries come last, and each file appears whole, so a program that starts meanwhile finds everything it names.
const ranked = outputFiles.toSorted((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)));
for (const { path, contents } of ranked) {
  writeFileSync(`${path}.new`, contents);
  if (basename(path) === 'main.js') chmodSync(`${path}.new`, 0o755);
  renameSync(`${path}.new`, path);
}
const written = new Set(outputFiles.map(({ path }) => basename(path)));
for (const name of readdirSync(dist)) {
  const path = join(dist, name);
  if (!written.has(name) && Date.now() - statSync(path).mtimeMs >= KEPT_MS) rmSync(path, { recursive: true });
}

function isEntry(path) {
  return entryPoints.some(entry => `${entry.out}.js` === basename(path));
}
