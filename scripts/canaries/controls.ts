import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENCODINGS } from '../../test/platform/redact/encodings.ts';
import { canaries } from './canary.ts';
import { scanner } from './needles.ts';
import type { Watch } from './processes.ts';
import { lookEverywhere } from './sinks.ts';
import type { Site } from './site.ts';

/** A sink into which canaries were leaked on purpose: one in each encoding. */
export interface Control {
  readonly sink: string;
  readonly leaked: number;
  readonly found: number;
}

/**
 * Leaks a canary in each of the 16 encodings into each sink, and looks for them as for all others. A look that finds
 * nothing is worth only as much as this.
 */
export async function controls(site: Site, watch: Watch): Promise<readonly Control[]> {
  const names = Object.keys(ENCODINGS);
  const done: Control[] = [];
  for (const [sink, leak] of Object.entries(LEAKS)) {
    const values = canaries(names.length, 0);
    const texts = values.map(({ value }, at) => `before ${ENCODINGS[names[at] as string]?.(value) ?? ''} after`);
    await leak(site, texts);
    const looked = await lookEverywhere(site, watch, scanner(values));
    const found = looked.find(one => one.sink === sink)?.found.length ?? 0;
    done.push({ sink, leaked: names.length, found });
  }
  return done;
}

type Leak = (site: Site, texts: readonly string[]) => Promise<void> | void;

const LEAKS: { readonly [sink: string]: Leak } = {
  terminal: (site, texts) => {
    site.printed.push({ code: 0, signal: null, stdout: texts.join('\n'), stderr: '', tookMs: 0, hung: false });
  },
  log: (site, texts) => {
    site.printed.push({ code: 0, signal: null, stdout: '', stderr: texts.join('\n'), tookMs: 0, hung: false });
  },
  'comments, checks': async (site, texts) => {
    for (const text of texts) await fetch(`${site.tap.url}/leak`, { method: 'POST', body: text });
  },
  'on the forge': async (site, texts) => {
    const number = site.repository.state.issues[0]?.number ?? 0;
    for (const body of texts) await site.repository.comment(number, { by: 'ann', body });
  },
  processes: async (_site, texts) => {
    // No environment can hold a zero byte; without them everybody would see the rest.
    const words = texts.map(text => text.replaceAll('\0', ''));
    const child = spawn('sleep', ['30'], { env: { LEAK: words.join('\n') } });
    await once(child, 'spawn');
    await new Promise(resolve => setTimeout(resolve, 200));
    child.kill();
    await once(child, 'exit');
  },
  'git objects': async (site, texts) => {
    await site.repository.push({
      by: 'ann',
      branch: 'provisioning/leak',
      files: Object.fromEntries(texts.map((text, at) => [`leak-${at}`, text])),
    });
  },
  'audit log': (site, texts) => write(site.home, 'audit.jsonl', texts),
  'stored plans': (site, texts) => write(site.home, 'plans/leak', texts),
  'other files': (site, texts) => write(site.home, 'leak', texts),
  temporary: (site, texts) => write(site.temporary, 'leak', texts),
};

function write(folder: string, path: string, texts: readonly string[]): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), texts.join('\n'));
}
