import { heading, settingLines } from '../host/render.ts';
import type { Fields } from './fields.ts';

/** What sshd is told before its own file, so that it counts. */
export function sshText({ rootLogin, passwordLogin, forwarding }: Fields): string {
  return (
    heading() +
    settingLines(
      {
        PermitRootLogin: rootLogin === 'keys' ? 'prohibit-password' : 'no',
        PasswordAuthentication: passwordLogin ? 'yes' : 'no',
        KbdInteractiveAuthentication: 'no',
        PermitEmptyPasswords: 'no',
        HostbasedAuthentication: 'no',
        IgnoreRhosts: 'yes',
        StrictModes: 'yes',
        MaxAuthTries: 4,
        LoginGraceTime: 30,
        MaxStartups: '10:30:60',
        ClientAliveInterval: 60,
        ClientAliveCountMax: 5,
        X11Forwarding: 'no',
        AllowAgentForwarding: forwarding ? 'yes' : 'no',
        AllowTcpForwarding: forwarding ? 'yes' : 'no',
        PermitTunnel: 'no',
        PermitUserEnvironment: 'no',
        LogLevel: 'VERBOSE',
      },
      ' ',
    )
  );
}

const SAFE = {
  'fs.protected_fifos': 2,
  'fs.protected_hardlinks': 1,
  'fs.protected_regular': 2,
  'fs.protected_symlinks': 1,
  'fs.suid_dumpable': 0,
  'kernel.dmesg_restrict': 1,
  'kernel.kptr_restrict': 2,
  'kernel.randomize_va_space': 2,
  'kernel.unprivileged_bpf_disabled': 1,
  'kernel.yama.ptrace_scope': 1,
  'net.ipv4.conf.all.accept_redirects': 0,
  'net.ipv4.conf.all.accept_source_route': 0,
  'net.ipv4.conf.all.log_martians': 1,
  'net.ipv4.conf.all.rp_filter': 2,
  'net.ipv4.conf.all.send_redirects': 0,
  'net.ipv4.conf.default.accept_redirects': 0,
  'net.ipv4.conf.default.send_redirects': 0,
  'net.ipv4.icmp_echo_ignore_broadcasts': 1,
  'net.ipv4.tcp_syncookies': 1,
  'net.ipv6.conf.all.accept_redirects': 0,
  'net.ipv6.conf.all.accept_source_route': 0,
  'net.ipv6.conf.default.accept_redirects': 0,
};

/** Settings of the kernel: the safe ones, and those of the user over them. */
export function kernelText({ kernel }: Fields): string {
  const all = { ...SAFE, ...kernel };
  return heading() + settingLines(Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))), ' = ');
}

/** What apt does by itself at night. */
export function upgradesText({ upgrades, rebootAt }: Fields): string {
  const on = upgrades === 'security' ? 1 : 0;
  return [
    heading('//'),
    `APT::Periodic::Update-Package-Lists "${on}";\n`,
    `APT::Periodic::Unattended-Upgrade "${on}";\n`,
    'Unattended-Upgrade::Origins-Pattern { "origin=Debian,codename=${distro_codename}-security,label=Debian-Security"; };\n',
    `Unattended-Upgrade::Automatic-Reboot "${rebootAt === undefined ? 'false' : 'true'}";\n`,
    ...(rebootAt === undefined ? [] : [`Unattended-Upgrade::Automatic-Reboot-Time "${rebootAt}";\n`]),
  ].join('');
}
