import { expect, it } from 'vitest';
import { repositoryOf } from '../../../platform/github/repository.ts';

it.each([
  ['https://github.com/acme/infra', 'acme/infra'],
  ['https://github.com/acme/infra.git', 'acme/infra'],
  ['https://github.com/acme/infra/', 'acme/infra'],
  ['http://127.0.0.1:8080/acme/infra.git', 'acme/infra'],
  ['ssh://git@github.com/acme/infra.git', 'acme/infra'],
  ['ssh://git@ssh.github.com:443/acme/infra', 'acme/infra'],
  ['git@github.com:acme/infra.git', 'acme/infra'],
  ['git@github.com:/acme/infra.git', 'acme/infra'],
  ['git@github.com:acme/infra.git.io', 'acme/infra.git.io'],
  ['git@github.com:acme_corp/.github', 'acme_corp/.github'],
])('%s is %s', (url, name) => {
  expect(repositoryOf(url)).toBe(name);
});

it.each([
  '',
  '/srv/git/acme/infra.git',
  'file:///acme/infra',
  'https://github.com/acme',
  'https://github.com/acme/infra/pull/1',
  'https://github.com/acme/..',
  'https://github.com/acme/..git/.git',
  'git@github.com:infra.git',
  'git@github.com:../infra.git',
  'https://github.com/acme/in%2ffra',
])('%j has none', url => {
  expect(() => repositoryOf(url)).toThrow('not the address of a repository');
});

it('repeats no part of an address', () => {
  expect(() => repositoryOf('https://ghp_secret@github.com/x')).toThrow(/^(?!.*secret)/);
});
