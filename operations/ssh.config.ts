import { z } from 'zod';
import type { HostTarget } from '../schemas/host.ts';
import { WorkspaceKey } from '../schemas/name.ts';
import { ProviderFault } from '../schemas/provider.ts';
import { defineOperation } from './operation.ts';
import { recordedServers } from './servers.ts';
import { TARGET } from './target.ts';

export const sshConfig = defineOperation({
  name: 'ssh.config',
  summary:
    'Print a configuration with which plain ssh reaches the servers of a workspace, by their recorded host keys.',
  description:
    'The configuration stands alone: it brings the known hosts along (KnownHostsCommand, OpenSSH 8.5 or newer), and trusts no others. With --json the lines of a known_hosts file are given as well.',
  example: 'provisioning ssh config > shop.ssh',
  permission: 'ssh:read',
  safe: true,
  input: z.strictObject(TARGET),
  output: z.strictObject({
    workspace: WorkspaceKey,
    config: z.string(),
    knownHosts: z.string(),
    /** Servers that cannot be reached, with the reason. */
    left: z.array(z.strictObject({ host: z.string(), why: z.string() })),
  }),
  async run(ports, input) {
    const { workspace, servers } = await recordedServers(ports, input);
    const ways: Way[] = [];
    const left: { host: string; why: string }[] = [];
    for (const { name, target } of servers) {
      try {
        ways.push(...waysTo(name, target()));
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
        left.push({ host: name, why: error.error.message });
      }
    }
    const knownHosts = ways.map(({ alias, target }) => `${alias} ${target.hostKey}\n`).join('');
    return { workspace, config: ways.map(blockOf).join('\n'), knownHosts, left };
  },
  text: ({ workspace, config, left }) =>
    [
      `# Servers of ${workspace}. Use: ssh -F <this file> <server>\n`,
      ...left.map(({ host, why }) => `# ${host} is left out: ${why}\n`),
      config === '' ? '' : `\n${config}`,
    ].join(''),
});

/** One `Host` of the configuration. */
interface Way {
  readonly alias: string;
  readonly target: HostTarget;
  /** The alias that is passed on the way. */
  readonly jump?: string;
}

/** A server after the host that is passed on the way to it. */
function waysTo(alias: string, target: HostTarget): Way[] {
  if (target.via === undefined) return [{ alias, target }];
  const jump = `${alias}.bastion`;
  return [...waysTo(jump, target.via), { alias, target, jump }];
}

/** Everything in it was checked to be a name, an address, a user or a key, so nothing can begin another line. */
function blockOf({ alias, target, jump }: Way): string {
  const { address, port, user, hostKey } = target;
  const lines = [
    `HostName ${address}`,
    `Port ${port}`,
    `User ${user}`,
    `HostKeyAlias ${alias}`,
    'UserKnownHostsFile /dev/null',
    'GlobalKnownHostsFile /dev/null',
    `KnownHostsCommand /bin/echo ${alias} ${hostKey}`,
    'StrictHostKeyChecking yes',
    'CheckHostIP no',
    `HostKeyAlgorithms ${algorithmsOf(hostKey)}`,
    ...(jump === undefined ? [] : [`ProxyJump ${jump}`]),
  ];
  return `Host ${alias}\n${lines.map(line => `  ${line}\n`).join('')}`;
}

function algorithmsOf(hostKey: string): string {
  const [type = ''] = hostKey.split(' ');
  return type === 'ssh-rsa' ? 'rsa-sha2-512,rsa-sha2-256' : type;
}
