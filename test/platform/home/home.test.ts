import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { homeDirectory, openHome } from '../../../platform/home/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'home-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  [{ PROVISIONING_HOME: '/own', XDG_STATE_HOME: '/state', HOME: '/me' }, '/own'],
  [{ XDG_STATE_HOME: '/state', HOME: '/me' }, '/state/provisioning'],
  [{ XDG_STATE_HOME: 'relative', HOME: '/me' }, '/me/.local/state/provisioning'],
  [{ HOME: '/me' }, '/me/.local/state/provisioning'],
  [{ PROVISIONING_HOME: '', HOME: '/me' }, '/me/.local/state/provisioning'],
])('%j is %s', (environment, expected) => {
  expect(homeDirectory(environment)).toBe(expected);
});

it.each([
  ['C9 HOME is not set', {}, 'unavailable'],
  ['C9 HOME is empty', { HOME: '' }, 'unavailable'],
  ['a relative folder', { PROVISIONING_HOME: 'here' }, 'usage'],
])('%s', (_, environment, code) => {
  expect(() => homeDirectory(environment)).toThrow(expect.objectContaining({ code, nothingChanged: true }));
});

it('makes the folder for its owner alone', () => {
  const home = join(folder, 'a', 'b');
  expect(openHome({ PROVISIONING_HOME: home })).toBe(home);
  expect(statSync(home).mode & 0o777).toBe(0o700);
});

it('C9 a part of the path is a file', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => openHome({ PROVISIONING_HOME: join(folder, 'file', 'home') })).toThrow(
    expect.objectContaining({ code: 'unavailable' }),
  );
  expect(existsSync(join(folder, 'file', 'home'))).toBe(false);
});

it('C8 a folder that others can write shows its mode', () => {
  const home = join(folder, 'open');
  mkdirSync(home);
  chmodSync(home, 0o777);
  expect(() => openHome({ PROVISIONING_HOME: home })).toThrow(
    expect.objectContaining({ code: 'denied', message: expect.stringContaining('mode 0777') }),
  );
});
