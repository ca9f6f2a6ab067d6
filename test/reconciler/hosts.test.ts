import { expect, it } from 'vitest';
import { hostTarget, type ServerOutputs } from '../../reconciler/hosts.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import { SshSettings } from '../../schemas/ssh.ts';
import { newKey } from '../platform/ssh/keys.ts';

const hostKey = newKey().public;
const WEB: ServerOutputs = {
  publicIp: '198.51.100.7',
  privateIp: '10.0.0.7',
  loginUser: 'debian',
  hostKey: `${hostKey} root@web`,
};
const GATE: ServerOutputs = { publicIp: '198.51.100.1', privateIp: '10.0.0.1', loginUser: 'gate', hostKey };

const target = (outputs: ServerOutputs, ssh?: object) =>
  hostTarget('web', outputs, {
    ssh: ssh === undefined ? undefined : SshSettings.parse(ssh),
    serverOf: name => (name === 'gate' ? GATE : undefined),
  });

it('reaches a server by what is recorded of it', () => {
  expect(target(WEB)).toEqual({ address: '198.51.100.7', port: 22, user: 'debian', hostKey });
  expect(target({ ...WEB, publicIp: null, loginUser: undefined as never, sshPort: 2201 })).toEqual({
    address: '10.0.0.7',
    port: 2_201,
    user: 'root',
    hostKey,
  });
});

it('follows the workspace where that says more', () => {
  const ssh = {
    user: 'deploy',
    port: 2_222,
    identity: 'env:PROVISIONING_SSH_ADMIN',
    passphrase: 'env:PROVISIONING_SSH_PHRASE',
  };
  const identity = { key: 'env:PROVISIONING_SSH_ADMIN', passphrase: 'env:PROVISIONING_SSH_PHRASE' };
  expect(target(WEB, ssh)).toEqual({ address: '198.51.100.7', port: 2_222, user: 'deploy', hostKey, identity });
});

it('goes to the private address through a bastion', () => {
  const via = { address: '198.51.100.1', port: 22, user: 'gate', hostKey };
  expect(target(WEB, { bastion: 'gate' })).toEqual({ address: '10.0.0.7', port: 22, user: 'debian', hostKey, via });
  const other = { address: 'gate.example', hostKey };
  expect(target(WEB, { bastion: other }).via).toEqual({ ...other, user: 'root', port: 22 });
  // The bastion itself is reached without one.
  expect(hostTarget('gate', GATE, { ssh: { bastion: 'gate' }, serverOf: () => GATE }).via).toBeUndefined();
});

it.each<[string, ServerOutputs, object | undefined, string]>([
  ['no host key', { ...WEB, hostKey: '' }, undefined, 'no-host-key'],
  ['a host key that is none', { ...WEB, hostKey: `${hostKey}\nHost *` }, undefined, 'no-host-key'],
  ['no address', { ...WEB, publicIp: '', privateIp: null }, undefined, 'no-address'],
  ['an address that is an option', { ...WEB, publicIp: '-oProxyCommand=touch' }, undefined, 'no-address'],
  ['a user with a space', { ...WEB, loginUser: 'root x' }, undefined, 'no-user'],
  ['a bastion that is not there', WEB, { bastion: 'gone' }, 'no-bastion'],
])('refuses %s', (name, outputs, ssh, code) => {
  // Text after the key is its comment, and is left out.
  if (name === 'a host key that is none') expect(target(outputs).hostKey).toBe(hostKey);
  else
    expect(() => target(outputs, ssh)).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ code }) as object }) as ProviderFault,
    );
});
