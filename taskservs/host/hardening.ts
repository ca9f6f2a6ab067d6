import type { DaemonSection } from './render.ts';

/**
 * What a daemon of ours may not do, for its `[Service]` section. A service takes back single lines where its program
 * could not work with them, and says why.
 */
export const HARDENED: DaemonSection = {
  NoNewPrivileges: true,
  ProtectSystem: 'strict',
  ProtectHome: true,
  PrivateTmp: true,
  PrivateDevices: true,
  ProtectKernelTunables: true,
  ProtectKernelModules: true,
  ProtectKernelLogs: true,
  ProtectControlGroups: true,
  ProtectClock: true,
  ProtectHostname: true,
  RestrictSUIDSGID: true,
  RestrictRealtime: true,
  RestrictNamespaces: true,
  LockPersonality: true,
  RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  SystemCallArchitectures: 'native',
  CapabilityBoundingSet: '',
  UMask: '0077',
};
