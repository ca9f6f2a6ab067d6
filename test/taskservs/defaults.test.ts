import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import { wishOf } from '../../taskservs/host/parameters.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import { sqlName, sqlText, userSql } from '../../taskservs/mysql/sql.ts';

interface Shape {
  readonly [key: string]: unknown;
  readonly properties?: { readonly [field: string]: Shape };
  readonly description?: string;
}

const PLACE = { server: 'web-1', address: '10.0.1.5', architecture: 'amd64', codename: 'bookworm' } as const;

/** Doors that are for everybody by their nature. */
const OPEN = ['nginx', 'os', 'polkadot', 'wireguard'];

describe.each(Object.entries(TASKSERVS))('%s', (name, service) => {
  const shape = z.toJSONSchema(service.parameters(), { io: 'input', unrepresentable: 'any' }) as Shape;
  const { parameters } = parse(readFileSync(join(import.meta.dirname, 'cases', name, 'fresh.yaml'), 'utf8')) as {
    parameters: { readonly [field: string]: Json };
  };

  it('describes every field, and has no default for a secret', () => {
    for (const [path, field] of fieldsOf(shape, '')) {
      if (field['secret'] === true) expect(field, path).not.toHaveProperty('default');
      else expect(field.description ?? '', path).not.toBe('');
    }
  });

  it('is not open to the world unless it was told to be', () => {
    const text = JSON.stringify(parameters);
    if (OPEN.includes(name) || text.includes('"public"') || text.includes('$secret')) return;
    const given = service.parameters().parse(parameters) as never;
    expect(service.ports(given).filter(({ reach }) => reach === 'public')).toEqual([]);
  });

  it('expects in the words of grep -E, which knows no \\d and no groups with a question mark', () => {
    const wants = wishOf(service, { spec: parameters }, PLACE)?.wants ?? [];
    const expected = wants.flatMap(({ shown }) => (shown.is === 'verify' ? (shown.expect ?? []) : []));
    for (const one of expected) expect(one).not.toMatch(/\\[dD]|\(\?/);
  });
});

function fieldsOf(shape: Shape, above: string): readonly (readonly [string, Shape])[] {
  return Object.entries(shape.properties ?? {}).flatMap(([field, below]) => [
    [`${above}${field}`, below] as const,
    ...fieldsOf(below, `${above}${field}.`),
  ]);
}

describe('SQL of MariaDB', () => {
  it.each(["a'b", 'a\\', "\\'; DROP TABLE x; --", 'a`b'])('%s stays a value', text => {
    expect(sqlText(text).slice(1, -1).replaceAll("''", "'").replaceAll('\\\\', '\\')).toBe(text);
    expect(sqlText(text)).toMatch(/^'(?:[^'\\]|''|\\\\)*'$/);
    expect(sqlName(text)).toMatch(/^`(?:[^`]|``)*`$/);
  });

  it('gives a user its own databases and no other whose name is alike', () => {
    const user = { password: 'correct-horse', databases: ['a_b'], from: '%', tls: true };
    expect(userSql('app', user)).toContain("GRANT ALL PRIVILEGES ON `a\\_b`.* TO 'app'@'%';");
  });
});
