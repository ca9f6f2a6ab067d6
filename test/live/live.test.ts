import { expect, it } from 'vitest';
import { noSecrets } from '../providers/no-secrets.ts';
import { demoWorld } from '../providers/demo-world.ts';
import { demo } from '../../providers/demo/index.ts';
import { type LiveOptions, runLive } from './live.ts';
import { CHEAPEST } from './words.ts';

const KINDS = ['network', 'subnet', 'ssh-key', 'firewall', 'placement-group', 'volume', 'server', 'floating-ip'];

function stage(): { readonly options: LiveOptions; readonly left: () => number; readonly lines: string[] } {
  const { config, context, core } = demoWorld();
  const lines: string[] = [];
  const words = CHEAPEST['demo']?.names;
  if (words === undefined) throw new Error('no words for demo');
  const options = {
    provider: demo,
    config,
    secrets: noSecrets,
    context: context(),
    words,
    kinds: KINDS,
    say: (line: string) => void lines.push(line),
  };
  return { options, left: () => core.objects().length, lines };
}

it('makes one of each, changes what can be changed, and leaves nothing behind', async () => {
  const { options, left } = stage();
  const steps = await runLive(options);
  expect(steps.filter(({ why }) => why !== null)).toEqual([]);
  expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(KINDS));
  expect(steps.filter(({ step }) => step.startsWith('change')).length).toBeGreaterThanOrEqual(4);
  expect(left()).toBe(0);
});

it('leaves nothing behind when a create fails half-way', async () => {
  const { options, left } = stage();
  const steps = await runLive({ ...options, words: { ...options.words, size: 'does-not-exist' } });
  expect(steps.some(({ kind, why }) => kind === 'server' && why !== null)).toBe(true);
  expect(left()).toBe(0);
});
