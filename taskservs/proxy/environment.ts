import type { HostItem } from '../../schemas/taskserv.ts';
import { daemonSetting, daemonText, heading, shellWord } from '../host/render.ts';

/** Which proxy the programs of a server shall use. */
export interface ProxyUse {
  readonly httpProxy: string;
  readonly httpsProxy?: string | undefined;
  readonly noProxy: readonly string[];
}

/** Files for login shells, for the daemons that systemd starts, and for apt. */
export function environmentItems({ httpProxy, httpsProxy = httpProxy, noProxy }: ProxyUse): readonly HostItem[] {
  const plain = { http_proxy: httpProxy, https_proxy: httpsProxy, no_proxy: noProxy.join(',') };
  // Some programs read the one, some the other.
  const all = Object.entries(plain).flatMap(([name, value]) => [
    [name, value] as const,
    [name.toUpperCase(), value] as const,
  ]);
  const shell = all.map(([name, value]) => `export ${name}=${shellWord(value)}\n`).join('');
  const daemons = all.map(([name, value]) => daemonSetting(`"${name}=${value}"`)).join(' ');
  return [
    { is: 'file', path: '/etc/profile.d/provisioning-proxy.sh', text: heading() + shell },
    { is: 'directory', path: '/etc/systemd/system.conf.d', mode: 0o755 },
    {
      is: 'file',
      path: '/etc/systemd/system.conf.d/provisioning-proxy.conf',
      text: daemonText({ Manager: { DefaultEnvironment: daemons } }),
    },
    {
      is: 'file',
      path: '/etc/apt/apt.conf.d/90provisioning-proxy',
      text: `${heading('//')}Acquire::http::Proxy "${httpProxy}";\nAcquire::https::Proxy "${httpsProxy}";\n`,
    },
    {
      is: 'verify',
      title: 'a login shell knows the proxy',
      run: ['sh', '-c', '. /etc/profile.d/provisioning-proxy.sh && printenv http_proxy'],
      expect: `^${httpProxy.replaceAll(/[.*+?^$(){}|[\]\\]/g, String.raw`\$&`)}$`,
    },
  ];
}
