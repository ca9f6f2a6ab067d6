import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../providers/local/faults.ts';
import { rulesOf } from '../../../providers/local/firewall.ts';
import { freeAddress, isWithin, overlaps } from '../../../providers/local/ranges.ts';
import { tarOf } from '../../../providers/local/tar.ts';

describe('ranges', () => {
  it.each([
    ['10.1.1.0/24', '10.1.0.0/16', true],
    ['10.1.0.0/16', '10.1.0.0/16', true],
    ['10.2.1.0/24', '10.1.0.0/16', false],
    ['10.0.0.0/8', '10.1.0.0/16', false],
    ['10.1.1.0/29', '10.1.0.0/16', false],
    ['fd00::/64', '10.1.0.0/16', false],
  ])('%s in %s: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected);
  });

  it('overlap whichever is the larger one', () => {
    expect(overlaps('10.1.0.0/16', '10.1.9.0/24')).toBe(true);
    expect(overlaps('10.1.9.0/24', '10.1.0.0/16')).toBe(true);
    expect(overlaps('10.1.0.0/24', '10.1.1.0/24')).toBe(false);
  });

  it('give the first address that nobody has, and none when they are used up', () => {
    expect(freeAddress('10.1.1.0/24', () => false)).toBe('10.1.1.10');
    expect(freeAddress('10.1.1.0/24', address => address !== '10.1.1.200')).toBe('10.1.1.200');
    expect(freeAddress('10.1.1.0/24', () => true)).toBeUndefined();
  });
});

describe('rules for nftables', () => {
  const rules = (...list: readonly object[]): readonly string[] =>
    rulesOf({ firewalls: ['f'] }, { f: { rules: list as never } })
      .split('\n')
      .filter(line => line.endsWith(' accept'))
      .slice(2)
      .map(line => line.trim());

  it.each([
    [{ protocol: 'tcp', port: 22 }, ['tcp dport 22 accept']],
    [{ protocol: 'udp', port: '8000-8100' }, ['udp dport 8000-8100 accept']],
    [{ protocol: 'icmp' }, ['meta l4proto { 1, 58 } accept']],
    [{ protocol: 'any', port: 53 }, ['th dport 53 accept']],
    [
      { protocol: 'tcp', port: 5432, sources: ['10.0.0.0/8', 'fd00::/8', '192.168.0.0/16'] },
      ['ip saddr { 10.0.0.0/8, 192.168.0.0/16 } tcp dport 5432 accept', 'ip6 saddr { fd00::/8 } tcp dport 5432 accept'],
    ],
  ])('%j', (rule, lines) => {
    expect(rules({ direction: 'in', ...rule })).toEqual(lines);
  });

  it('leave outbound rules out, and everything open without firewalls', () => {
    expect(rules({ direction: 'out', protocol: 'tcp', port: 443 })).toEqual([]);
    expect(rulesOf({}, {})).not.toContain('drop');
  });
});

describe('an archive', () => {
  it('is read by tar', () => {
    const archive = tarOf([
      { path: '/etc/one', text: 'first\n', mode: 0o600 },
      { path: 'etc/two', text: 'x'.repeat(513), mode: 0o644 },
    ]);
    expect(execFileSync('tar', ['-tvf', '-'], { input: archive, encoding: 'utf8' })).toMatch(
      /^-rw-------.* 6 .*etc\/one\n-rw-r--r--.* 513 .*etc\/two\n$/,
    );
    expect(execFileSync('tar', ['-xOf', '-', 'etc/one'], { input: archive, encoding: 'utf8' })).toBe('first\n');
  });
});

describe('what an engine says', () => {
  const podman = 'container create: creating container storage: the container name "x" is already in use by 5fa0';
  it.each([
    [500, podman, 'already-exists'],
    [500, 'network name x already used: network already exists', 'already-exists'],
    [500, 'subnet 10.1.0.0/16 is already used on the host or by another config', 'already-exists'],
    [409, 'Conflict. The container name "/x" is already in use by container "5fa0"', 'already-exists'],
    [404, 'no such container', 'not-found'],
    [404, 'No such image: localhost/provisioning-host:debian-12', 'invalid-input'],
    [500, 'something broke', 'unknown-outcome'],
  ])('%i %s', (status, message, expected) => {
    expect(meaningOf(status, 'POST', { message }).class).toBe(expected);
  });

  it('is no proof of absence when it is not in its own words', () => {
    expect(meaningOf(404, 'GET', undefined).class).toBe('transient');
  });
});
