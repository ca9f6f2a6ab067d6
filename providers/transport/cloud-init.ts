import { createHash } from 'node:crypto';
import type { HostKey } from './host-key.ts';

/**
 * The cloud-init document of a server: our part, which puts its host key in place, and the user's own one after it,
 * exactly as written (a script, a cloud-config or a MIME message). cloud-init runs all parts of a multipart message.
 */
export function cloudInitOf(hostKey: HostKey, own: string | undefined): string {
  const config = cloudConfig(hostKey);
  if (own === undefined || own === '') return config;
  // The boundary comes from the content, so that the same server is always asked for in the same words.
  const boundary = `part-${createHash('sha256').update(config).update(own).digest('hex').slice(0, 32)}`;
  const part = (type: string, text: string): string =>
    `--${boundary}\nContent-Type: ${type}; charset="utf-8"\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n\n${text}\n`;
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n`,
    part('text/cloud-config', config),
    isMime(own) ? `--${boundary}\n${own}\n` : part(typeOf(own), own),
    `--${boundary}--\n`,
  ].join('');
}

function cloudConfig(hostKey: HostKey): string {
  const indented = hostKey.privateKey.trimEnd().replaceAll('\n', '\n    ');
  return `#cloud-config
ssh_deletekeys: true
ssh_keys:
  ed25519_private: |
    ${indented}
  ed25519_public: ${hostKey.publicKey}
`;
}

function isMime(text: string): boolean {
  return /^(?:content-type|mime-version):/i.test(text);
}

/** What cloud-init calls a document that starts like this. */
function typeOf(text: string): string {
  const known = TYPES.find(([start]) => text.startsWith(start));
  return known?.[1] ?? 'text/plain';
}

const TYPES: readonly (readonly [string, string])[] = [
  ['#!', 'text/x-shellscript'],
  ['#cloud-config-archive', 'text/cloud-config-archive'],
  ['#cloud-config', 'text/cloud-config'],
  ['#include', 'text/x-include-url'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['## template: jinja', 'text/jinja2'],
];
