import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { difference } from '../../../taskservs/host/difference.ts';
import { emptyHost } from '../../../taskservs/host/facts.ts';
import { mirrored, mirroredUrl } from '../../../taskservs/host/mirrored.ts';
import { sceneOf, wishOf } from '../../../taskservs/host/parameters.ts';
import { TASKSERVS } from '../../../taskservs/index.ts';
import type { TaskService } from '../../../schemas/taskserv.ts';
import type { ServiceSpec } from '../../../taskservs/host/parameters.ts';

const MIRROR = 'https://mirror.example.com/artifacts';
const MIRRORED = mirrored(TASKSERVS, { url: `${MIRROR}/` });
const place = { server: 'web-1', address: '10.0.1.5', architecture: 'amd64', codename: 'bookworm' } as const;

/** The acts of a service on an empty host, with the parameters of its case. */
function actsOf(service: TaskService): readonly unknown[] {
  const file = join(import.meta.dirname, '../cases', service.name, 'fresh.yaml');
  const { parameters } = parse(readFileSync(file, 'utf8')) as { parameters: ServiceSpec };
  const wish = wishOf(service, { spec: parameters }, place);
  if (wish === null) throw new Error(`the parameters of ${service.name} do not fit`);
  return difference(sceneOf(service, wish, emptyHost('bookworm')));
}

describe.each(Object.keys(TASKSERVS))('%s', name => {
  const plain = actsOf(TASKSERVS[name] as TaskService);
  const through = actsOf(MIRRORED[name] as TaskService);

  it('fetches through the mirror what it fetches, with the same digests and keys', () => {
    const source = TASKSERVS[name]?.source;
    if (source === 'repository' || source === 'release') expect(JSON.stringify(through)).toContain(MIRROR);
    const back = JSON.stringify(through).replaceAll(`${MIRROR}/`, 'https://');
    expect(back).toBe(JSON.stringify(plain));
  });
});

it('leaves alone what names the mirror already', () => {
  expect(mirroredUrl(MIRROR, 'https://example.com/a')).toBe(`${MIRROR}/example.com/a`);
  expect(mirroredUrl(MIRROR, `${MIRROR}/example.com/a`)).toBe(`${MIRROR}/example.com/a`);
});
