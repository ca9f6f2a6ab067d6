import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Ports } from '../../../reconciler/ports.ts';
import { look, PLAIN_OPTIONS, planView } from '../../../reconciler/view.ts';
import type { Provider } from '../../../schemas/provider.ts';
import { openSite, type Site, workspaceFile } from '../site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** The demo cloud without services of its own, so that they come over SSH. */
function withoutServices(ports: Ports): Ports {
  const demo = ports.providers['demo'] as Provider;
  const capability: Provider['capability'] = (kind, config) =>
    kind.startsWith('taskserv.') ? undefined : demo.capability(kind, config);
  return { ...ports, providers: { ...ports.providers, demo: { ...demo, capability } } };
}

test('a plan shows that the host will fetch from the mirror of the workspace', async () => {
  const file = join(import.meta.dirname, '../../taskservs/cases/jaeger/fresh.yaml');
  const { parameters } = parse(readFileSync(file, 'utf8')) as { parameters: unknown };
  const server = { web: { size: 'small', image: 'debian-12', taskservs: { jaeger: parameters } } };
  await site.push({
    'workspace.yaml': workspaceFile(site.cloud.url, 'mirror: { url: "https://mirror.example.com/artifacts" }'),
    'infra/main.json': JSON.stringify({ server }),
  });
  const ports = withoutServices(site.ports);
  const [target] = await site.targets(ports);
  const signal = new AbortController().signal;
  const view = await look(ports, target as never, signal);
  const { plan } = await planView(ports, view, PLAIN_OPTIONS, signal);
  const steps = plan.changes.flatMap(({ steps: own = [] }) => own.flatMap(({ command = [] }) => command));
  expect(steps.filter(word => word.startsWith('https://'))).toEqual([
    expect.stringMatching(/^https:\/\/mirror\.example\.com\/artifacts\/github\.com\//),
  ]);
});
