import { expect, it } from 'vitest';
import { masked, watched } from '../../../platform/redact/masked.ts';
import { createRedactor } from '../../../platform/redact/redactor.ts';

it('hands a port nothing secret, and everything else as it is', async () => {
  const redactor = createRedactor();
  redactor.add('db/password', 'correct horse');
  const heard: unknown[] = [];
  const { signal } = new AbortController();
  class Port {
    readonly name = 'port';
    write(...words: unknown[]): Promise<string> {
      heard.push(...words);
      return Promise.resolve(this.name);
    }
  }
  const port = masked(new Port(), redactor);
  await expect(port.write('a correct horse', { deep: ['correct horse'] }, signal, null)).resolves.toBe('port');
  expect(heard).toEqual(['a [secret db/password]', { deep: ['[secret db/password]'] }, signal, null]);
  expect(heard[2]).toBe(signal);
});

it('hands nothing secret to a port that a port opens', async () => {
  const redactor = createRedactor();
  redactor.add('db/password', 'correct horse');
  const heard: unknown[] = [];
  const inner = { write: (word: string): void => void heard.push(word) };
  const port = masked({ open: () => Promise.resolve(inner), plain: () => inner }, redactor, ['open']);
  (await port.open()).write('correct horse');
  port.plain().write('correct horse');
  expect(heard).toEqual(['[secret db/password]', 'correct horse']);
});

it('masks what a secret variable holds once it was read, and no other variable', () => {
  const redactor = createRedactor();
  const environment = watched(
    {
      HCLOUD_TOKEN: 'token-of-the-cloud',
      GITHUB_TOKEN_FILE: '/run/token-file',
      GITHUB_API_URL: 'https://api.example',
      A_KEY: 'short',
    },
    redactor,
  );
  expect(redactor.text('token-of-the-cloud')).toBe('token-of-the-cloud');
  for (const name of ['HCLOUD_TOKEN', 'GITHUB_TOKEN_FILE', 'GITHUB_API_URL', 'A_KEY']) void environment[name];
  expect(redactor.text('token-of-the-cloud')).toBe('[secret HCLOUD_TOKEN]');
  expect(redactor.text('/run/token-file https://api.example short')).toBe('/run/token-file https://api.example short');
});
