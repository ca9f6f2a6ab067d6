import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nounOf, parseCommandLine } from '../../cli/args.ts';
import { CATALOGUE } from '../../operations/catalogue.ts';
import { PERMISSIONS } from '../../operations/permissions.ts';
import { ROOT } from '../../scripts/generate/format.ts';
import { productSources } from '../../scripts/generate/tree.ts';

/** Words with a meaning of their own at the top level. */
const TAKEN = ['help', 'completion'];

describe('the catalogue', () => {
  it('has one entry for each file', () => {
    const files = readdirSync(join(ROOT, 'operations')).filter(name => /^[a-z-]+\.[a-z-]+\.ts$/.test(name));
    expect(CATALOGUE.map(entry => `${entry.name}.ts`)).toEqual(files.sort());
  });

  it('uses each shortcut once, and none for two things', () => {
    const shortcuts = [...CATALOGUE.flatMap(entry => entry.aliases), ...TAKEN];
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
    // A noun that is a shortcut as well must mean one of its own commands.
    for (const entry of CATALOGUE) {
      for (const alias of entry.aliases) {
        const namesakes = CATALOGUE.filter(other => nounOf(other) === alias);
        expect(namesakes.length === 0 || namesakes.includes(entry), `${alias} means ${entry.name}`).toBe(true);
      }
    }
  });

  // C7: with one way to say a thing, there is no precedence to explain.
  it('has no flag whose meaning an environment variable has as well', () => {
    const read = productSources().flatMap(({ text }) => text.match(/\bPROVISIONING_[A-Z_]+/g) ?? []);
    const flags = CATALOGUE.flatMap(entry => entry.flags.map(({ name }) => name.replaceAll('-', '_').toUpperCase()));
    expect(read).toContain('PROVISIONING_HOME');
    expect(read.filter(name => flags.includes(name.slice('PROVISIONING_'.length)))).toEqual([]);
  });

  it('uses every permission, and no unknown one', () => {
    expect([...new Set(CATALOGUE.map(entry => entry.permission))].sort()).toEqual(Object.keys(PERMISSIONS).sort());
  });
});

describe.each(CATALOGUE.map(entry => [entry.name, entry] as const))('%s', (_, entry) => {
  it('has an example that means this command', () => {
    const [program, ...argv] = wordsOf(entry.example.split(/ [|>] /)[0] ?? '');
    expect(program).toBe('provisioning');
    const request = parseCommandLine(argv, CATALOGUE);
    expect(request.kind === 'run' ? request.entry.name : request.kind).toBe(entry.name);
  });

  it('says in one sentence what it does', () => {
    expect(entry.summary).toMatch(/^[A-Z].*\.$/s);
    expect(entry.summary.length).toBeLessThanOrEqual(160);
    for (const flag of entry.flags) expect(flag.description, flag.name).toMatch(/\.$/);
  });

  it('has an input and an output with JSON Schemas', async () => {
    const operation = await entry.load();
    expect(operation.name).toBe(entry.name);
    const options = { io: 'input', unrepresentable: 'throw' } as const;
    expect(z.toJSONSchema(operation.input, options)).toMatchObject({ type: 'object', additionalProperties: false });
    expect(z.toJSONSchema(operation.output, options)).toHaveProperty('$schema');
  });
});

/** Words as a shell splits them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? '');
}
