import type { HostItem, HostPlace, ServicePort, TaskService } from '../../schemas/taskserv.ts';
import { daemonFile } from '../host/daemon-file.ts';
import { debian, inUrl, listenOn, reachedAt } from '../host/fields.ts';
import { releaseOf } from '../host/pin.ts';
import { service } from '../host/service.ts';
import { corefile, type Zone, zoneFile } from './corefile.ts';
import { type Fields, UPSTREAM, fields } from './fields.ts';

function ports({ reach, port }: Fields): readonly ServicePort[] {
  return [
    { port, protocol: 'udp', reach, purpose: 'questions' },
    { port, protocol: 'tcp', reach, purpose: 'questions with long answers' },
    { port: 9153, protocol: 'tcp', reach: 'host', purpose: 'metrics' },
  ];
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const zones = Object.entries(given.zones);
  const address = listenOn(given.reach, place);
  return [
    debian('bind9-dnsutils'),
    releaseOf(UPSTREAM, given, place),
    { is: 'user', name: 'coredns' },
    { is: 'directory', path: '/etc/coredns', mode: 0o755 },
    ...zones.map(([zone, { records }]) => zoneItem(zone, records)),
    { is: 'file', path: '/etc/coredns/Corefile', text: corefile(given, address) },
    {
      is: 'file',
      path: '/etc/systemd/system/coredns.service',
      text: daemonFile({
        description: 'CoreDNS',
        exec: ['/usr/local/bin/coredns', '-conf', '/etc/coredns/Corefile'],
        user: 'coredns',
        capabilities: ['CAP_NET_BIND_SERVICE'],
      }),
    },
    {
      is: 'daemon',
      unit: 'coredns.service',
      restartOn: [
        '/etc/coredns/Corefile',
        '/etc/systemd/system/coredns.service',
        ...zones.map(([zone]) => zonePath(zone)),
      ],
    },
    ...answers(given, reachedAt(given.reach, place)),
  ];
}

function zonePath(zone: string): string {
  return `/etc/coredns/${zone}.zone`;
}

function zoneItem(zone: string, records: Zone): HostItem {
  return { is: 'file', path: zonePath(zone), text: zoneFile(zone, records) };
}

/** Each zone is asked for its own head; the first one also for its first record. */
function answers(given: Fields, address: string): readonly HostItem[] {
  const dig = ['dig', `@${address}`, '-p', String(given.port), '+short', '+time=2', '+tries=1'];
  return Object.keys(given.zones).map(zone => ({
    is: 'verify' as const,
    title: `${zone} is answered for`,
    run: [...dig, '-t', 'SOA', '-q', `${zone}.`],
    expect: '^ns\\.',
  }));
}

/** CoreDNS as the name server of a network. */
export const coredns: TaskService = service({
  name: 'coredns',
  categories: ['kubernetes'],
  summary: 'Answers for zones of yours, and asks others about the rest (CoreDNS).',
  source: 'release',
  version: null,
  fields,
  conflicts: ['resolv'],
  holdsData: false,
  ports,
  endpoint: (given, place) => `dns://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want,
});
