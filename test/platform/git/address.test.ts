import { describe, expect, test } from 'vitest';
import { admitAddress, admitBranch } from '../../../platform/git/address.ts';
import { Fault } from '../../../schemas/fault.ts';

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('a Fault was expected');
}

describe('repository addresses', () => {
  test.each([
    '/srv/git/shop.git',
    'file:///srv/git/shop.git',
    'https://git.example.com/team/shop.git',
    'https://git.example.com:8443/team/shop',
    'http://127.0.0.1:3000/shop.git',
    'http://localhost/shop.git',
    'http://[::1]:80/shop.git',
    'ssh://git@git.example.com/team/shop.git',
    'ssh://git@git.example.com:2222/team/shop.git',
    'git@git.example.com:team/shop.git',
    'git.example.com:shop.git',
  ])('%s is admitted', address => {
    expect(admitAddress(address)).toBe(address);
  });

  test.each([
    ['', 'empty'],
    ['-oProxyCommand=touch /tmp/x', 'begins with "-"'],
    ['--upload-pack=touch /tmp/x', 'begins with "-"'],
    ['-u', 'begins with "-"'],
    ['ext::sh -c "touch /tmp/x"', 'remote helpers'],
    ['fd::17', 'remote helpers'],
    ['git://git.example.com/shop.git', 'scheme git'],
    ['ftp://git.example.com/shop.git', 'scheme ftp'],
    ['http://git.example.com/shop.git', 'loopback only'],
    ['https://user:hunter2hunter2@git.example.com/shop.git', 'password'],
    ['https://ghp_secrettoken@git.example.com/shop.git', 'user name'],
    ['ssh://git:hunter2hunter2@git.example.com/shop.git', 'password'],
    ['ssh://-oProxyCommand=touch/shop.git', 'host'],
    ['-oProxyCommand=x@host:shop.git', 'begins with "-"'],
    ['git@-oProxyCommand=x:shop.git', 'neither'],
    ['git@host:-oProxyCommand', 'neither'],
    ['file://host/shop.git', 'takes no host'],
    ['relative/shop.git', 'neither'],
    ['../shop.git', 'neither'],
    ['https://git.example.com/shop.git\n--upload-pack=x', 'control character'],
    ['https://git.example.com/\0', 'control character'],
    [`https://git.example.com/${'a'.repeat(3_000)}`, 'longer'],
  ])('%j is refused: %s', (address, reason) => {
    const fault = faultOf(() => admitAddress(address));
    expect(fault.code).toBe('usage');
    const text = JSON.stringify(fault.problems);
    expect(text).toContain(JSON.stringify(reason).slice(1, -1));
    expect(text).not.toMatch(/hunter2|ghp_|touch/);
  });
});

describe('branch names', () => {
  test.each(['main', 'feature/one', 'release-1.2', 'user@work', '7', 'a+b=c%d'])('%s is admitted', name => {
    expect(admitBranch(name)).toBe(name);
  });

  test.each([
    '',
    '--help',
    '-x',
    'a..b',
    'HEAD',
    '@',
    'refs/heads/main',
    'refs/heads/../x',
    'a b',
    'a\nb',
    "a'b",
    'a"b',
    '$(x)',
    '`x`',
    'a~1',
    'a^',
    'a:b',
    'a?b',
    'a*',
    'a[b',
    'a\\b',
    'a.lock',
    'a/',
    '/a',
    'a//b',
    '.a',
    'a/.b',
    'a.',
    'a@{1}',
    'x'.repeat(201),
  ])('%j is refused', name => {
    const fault = faultOf(() => admitBranch(name));
    expect(fault.code).toBe('usage');
    expect(fault.problems[0]?.id).toBe('GIT-REF');
  });
});
