import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hostKeyFor, hostKeyOf } from '../../../providers/transport/host-key.ts';
import { cloudInitOf } from '../../../providers/transport/cloud-init.ts';

it('is the same for the same operation and differs for everything else', () => {
  const key = hostKeyFor('token', 'op-1');
  expect(hostKeyFor('token', 'op-1')).toEqual(key);
  expect(hostKeyFor('token', 'op-2').publicKey).not.toBe(key.publicKey);
  expect(hostKeyFor('other', 'op-1').publicKey).not.toBe(key.publicKey);
});

it('is found again from its label', () => {
  const key = hostKeyFor('token', 'op-1');
  expect(key.label).toMatch(/^[a-z2-7]{52}$/);
  expect(hostKeyOf(key.label)).toBe(key.publicKey);
  expect(hostKeyOf('somebody wrote this')).toBeUndefined();
  expect(hostKeyOf(undefined)).toBeUndefined();
});

it('is a private key that OpenSSH reads, with the public key that we say', () => {
  const key = hostKeyFor('token', 'op-1');
  const folder = mkdtempSync(join(tmpdir(), 'host-key-'));
  try {
    const file = join(folder, 'key');
    writeFileSync(file, key.privateKey, { mode: 0o600 });
    let told: string;
    try {
      told = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
    } catch (error) {
      // A machine without OpenSSH cannot be asked; the shape is checked by the other tests.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    expect(told.trim().split(' ').slice(0, 2).join(' ')).toBe(key.publicKey);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ['#!/bin/sh\necho hi\n', 'text/x-shellscript'],
  ['#cloud-config\npackages: [git]\n', 'text/cloud-config'],
  ['something else', 'text/plain'],
])('keeps the document of the user as it is: %s', (own, type) => {
  const whole = cloudInitOf(hostKeyFor('token', 'op-1'), own);
  expect(whole).toContain(own);
  expect(whole).toContain(`Content-Type: ${type}; charset="utf-8"`);
  expect(whole.indexOf('ed25519_private')).toBeLessThan(whole.indexOf(own));
});

it('is a plain cloud-config without a document of the user', () => {
  expect(cloudInitOf(hostKeyFor('token', 'op-1'), undefined)).toMatch(/^#cloud-config\nssh_deletekeys: true\n/);
});
