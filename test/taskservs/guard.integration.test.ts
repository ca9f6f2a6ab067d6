import { afterAll, beforeAll, expect, test } from 'vitest';
import { ARM_GUARD, REVERT } from '../../taskservs/host/guard-scripts.ts';
import { openHosts, type OpenHosts } from '../hosts/open-hosts.ts';

let open: OpenHosts;
beforeAll(async () => {
  open = await openHosts(1, { subnet: '10.97.32.0/24' });
});
afterAll(() => open.close());

/** Longest time in milliseconds until the host has started and its timer was there. */
const SEEN_MS = 120_000;

const CHANGE = String.raw`
mkdir -p /run/provisioning/run-1
echo before > /etc/changed
sh -c "$1" sh /run/provisioning/run-1 door 5 /etc/changed /etc/new -- -- < /revert
systemctl stop provisioning-revert-door.timer
echo after > /etc/changed
echo after > /etc/new
`;

test('a host that is started anew before anybody came back takes the change back as well', async () => {
  const [host] = open.hosts;
  if (host === undefined) throw new Error('no host');
  const inside = (...words: readonly string[]): Promise<string> => open.podman.run(['exec', host.container, ...words]);
  await inside('sh', '-c', 'printf %s "$1" > /revert', 'sh', REVERT);
  await inside('sh', '-c', CHANGE, 'sh', ARM_GUARD);
  expect(await inside('cat', '/etc/changed', '/etc/new')).toBe('after\nafter\n');
  await open.podman.run(['restart', '--time', '0', host.container]);
  const until = Date.now() + SEEN_MS;
  const look = (): Promise<string> =>
    inside(
      'sh',
      '-c',
      'cat /etc/changed; ls -d /etc/new /var/lib/provisioning/guard/door /etc/systemd/system/*revert* 2>/dev/null || :',
    );
  while ((await look().catch(() => '')) !== 'before\n') if (Date.now() > until) break;
  expect(await look()).toBe('before\n');
});
