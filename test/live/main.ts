// The only test that touches real clouds and costs money: `npm run test:live -- --provider hetzner --yes`. It makes one object of each
// kind, changes it, and deletes everything again. Credentials come from the environment, as for the program itself.
import { parseArgs } from 'node:util';
import { systemWorld } from '../../platform/clock/world.ts';
import { PROVIDERS } from '../../providers/index.ts';
import { LIVE_WORKSPACE, type LiveOptions, runLive, sweep } from './live.ts';
import { CHEAPEST } from './words.ts';

const { values } = parseArgs({
  options: {
    provider: { type: 'string' },
    /** The provider's entry as in a workspace file, as JSON. */
    config: { type: 'string', default: '{}' },
    /** Other sizes, image or zone than the cheapest ones, as JSON. */
    words: { type: 'string', default: '{}' },
    kinds: { type: 'string', default: 'network,subnet,ssh-key,firewall,placement-group,volume,server,floating-ip' },
    sweep: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const name = values.provider ?? '';
  const provider = PROVIDERS[name];
  const words = CHEAPEST[name];
  if (provider === undefined || words === undefined) {
    console.error(`--provider is one of: ${Object.keys(CHEAPEST).join(', ')}`);
    return 2;
  }
  const options: LiveOptions = {
    provider,
    config: provider.config.parse(JSON.parse(values.config)) as LiveOptions['config'],
    secrets: reference => Promise.resolve(process.env[reference.replace(/^env:/, '')]),
    context: {
      world: systemWorld(),
      signal: new AbortController().signal,
      fetch: globalThis.fetch,
      timeoutMs: 30_000,
    },
    words: { ...words.names, ...(JSON.parse(values.words) as object) },
    kinds: values.kinds.split(','),
    say: line => console.log(line),
  };
  const connection = await provider.connect(options.context, options.config, options.secrets);
  console.log(`${name}, account ${connection.account}: ${values.kinds}; everything is labelled ${LIVE_WORKSPACE}`);
  console.log(`cost: ${words.cost}`);
  if (!values.yes) {
    console.log('Nothing was done. Say --yes to go on.');
    return 2;
  }
  if (values.sweep) {
    const left = await sweep(options);
    for (const why of left) console.log(`✗ ${why}`);
    return left.length === 0 ? 0 : 1;
  }
  const steps = await runLive(options);
  const bad = steps.filter(({ why }) => why !== null).length;
  console.log(`${steps.length - bad} of ${steps.length} steps went well`);
  return bad === 0 ? 0 : 1;
}
