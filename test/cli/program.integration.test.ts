import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/generate/format.ts';

/** The program as users start it: `npm test` builds it first. */
const PROGRAM = join(ROOT, 'dist/main.js');

const folder = mkdtempSync(join(tmpdir(), 'program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let home = '';
let count = 0;
beforeEach(() => {
  count += 1;
  home = join(folder, `home-${count}`);
});

type Environment = { readonly [name: string]: string | undefined };

function environment(more: Environment = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, PROVISIONING_HOME: home, ...more };
}

function run(args: readonly string[], more: Environment = {}) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: environment(more),
  });
  return { status, signal, stdout, stderr };
}

describe('short answers', () => {
  it('--version is that of the package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(run(['--version'])).toEqual({ status: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  });

  it.each([[[]], [['--help']], [['help']]])('%j shows the overview', args => {
    const { status, stdout, stderr } = run(args);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: provisioning <command>');
    expect(stdout).not.toContain('\u001b');
  });

  it('help needs neither a home nor a workspace', () => {
    expect(run(['plan', '--help'], { HOME: undefined, PROVISIONING_HOME: undefined })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  it('prints a completion script that bash accepts', () => {
    const { stdout } = run(['completion', 'bash']);
    expect(spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a fault', () => {
  it('is text on standard error with the exit code of its code', () => {
    expect(run(['pln'])).toEqual({
      status: 2,
      signal: null,
      stdout: '',
      stderr:
        'CLI-COMMAND  there is no command "pln"\n  fix: did you mean provisioning plan?\nNothing was changed. 1 error, 0 warnings.\n',
    });
  });

  it('is one JSON document on standard output with --json', () => {
    const { status, stdout, stderr } = run(['plan', '--parralel', '1', '--json']);
    expect([status, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      fault: { code: 'usage', nothingChanged: true, problems: [{ id: 'CLI-FLAG' }] },
    });
  });

  it('shows a stack only to whoever asks', () => {
    const arm = { PROVISIONING_TEST: '1', PROVISIONING_FAILPOINT: 'nonsense' };
    expect(run(['doctor'], arm).stderr).not.toContain(' at ');
    expect(run(['doctor'], { ...arm, PROVISIONING_DEBUG: '1' }).stderr).toMatch(/\n +at /);
  });

  it.each<[string, Environment, number, string]>([
    ['C9 no home', { HOME: undefined, PROVISIONING_HOME: undefined }, 7, 'CLI-HOME'],
    ['C9 a home that cannot be made', { PROVISIONING_HOME: '/dev/null/home' }, 7, 'CLI-DISK'],
    ['C8 a home that others can write', { PROVISIONING_HOME: join(folder, 'open') }, 8, 'mode 0777'],
  ])('%s', (_, more, status, text) => {
    mkdirSync(join(folder, 'open'), { recursive: true });
    chmodSync(join(folder, 'open'), 0o777);
    const ended = run(['doctor'], more);
    expect([ended.status, ended.stdout]).toEqual([status, '']);
    expect(ended.stderr).toContain(text);
    expect(ended.stderr).toContain('Nothing was changed.');
  });

  it('C9 a working folder that is gone', () => {
    const gone = join(folder, 'gone');
    const script = 'mkdir "$1" && cd "$1" && rmdir "$1" && exec "$2" "$3" validate';
    const ended = spawnSync('sh', ['-c', script, 'sh', gone, process.execPath, PROGRAM], {
      encoding: 'utf8',
      env: environment(),
    });
    expect(ended.status).toBe(7);
    expect(ended.stderr).not.toContain('    at ');
  });
});

describe('C10 whoever reads may go away', () => {
  it('a closed pipe prints no stack and changes no exit code', () => {
    const script = '{ "$1" "$2" --help; echo "status $?" >&2; } | true';
    const ended = spawnSync('sh', ['-c', script, 'sh', process.execPath, PROGRAM], {
      encoding: 'utf8',
      env: environment(),
    });
    expect(ended.stderr).toBe('status 0\n');
  });

  it('Ctrl-C ends a question without half an answer', async () => {
    const place = join(folder, `slow-${count}`);
    const fired = join(folder, `fired-${count}`);
    run(['init', '-C', place]);
    spawnSync('git', ['-C', place, 'add', '.']);
    spawnSync('git', [
      '-C',
      place,
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@example.com',
      'commit',
      '--quiet',
      '-m',
      'x',
    ]);
    const slow = {
      PROVISIONING_TEST: '1',
      PROVISIONING_FAILPOINT: 'observe.before:1:delay=500',
      PROVISIONING_FAILPOINT_LOG: fired,
    };
    const child = spawn(process.execPath, [PROGRAM, 'plan', '-C', place, '--json'], { env: environment(slow) });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
    const closed = new Promise(resolve => child.once('close', resolve));
    while (!existsSync(fired) && child.exitCode === null) await new Promise(resolve => setTimeout(resolve, 5));
    child.kill('SIGINT');
    expect(await closed).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({
      fault: { code: 'refused', nothingChanged: true, problems: [{ id: 'CLI-INTERRUPTED' }] },
    });
  });

  it('Ctrl-C ends a service in good order', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'demo', 'cloud', '--port', '0', '--json'], {
      cwd: folder,
      env: environment(),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        if (stderr.includes('listens')) resolve();
      });
    });
    child.kill('SIGINT');
    const status = await new Promise(resolve => child.once('close', resolve));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+/) });
    expect(run(['audit', 'list', '--json']).stdout).toContain('"outcome":"done"');
  });
});

describe('init', () => {
  it('writes a workspace that validates, and never overwrites', () => {
    const place = join(folder, `shop-${count}`);
    const made = run(['init', '-C', place, '--name', 'shop', '--json']);
    expect(made.status).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ name: 'shop', repository: 'made', directory: place });
    expect(run(['validate', '-C', place, '--json'])).toMatchObject({ status: 0 });
    const before = readFileSync(join(place, 'workspace.yaml'), 'utf8');
    const again = run(['init', '-C', place, '--name', 'other']);
    expect(again.status).toBe(4);
    expect(again.stderr).toContain('exists already');
    expect(readFileSync(join(place, 'workspace.yaml'), 'utf8')).toBe(before);
  });

  it('finds the repository it is in', () => {
    const outer = join(folder, `outer-${count}`);
    mkdirSync(outer);
    spawnSync('git', ['init', '--quiet', outer]);
    expect(JSON.parse(run(['init', '-C', join(outer, 'shop'), '--json']).stdout)).toMatchObject({
      repository: 'found',
    });
    expect(existsSync(join(outer, 'shop/.git'))).toBe(false);
  });

  it.each([
    ['audit.before', 0],
    ['audit.after', 1],
  ])('killed at %s wrote nothing, and the log says so', (point, records) => {
    const place = join(folder, `killed-${count}`);
    const arm = { PROVISIONING_TEST: '1', PROVISIONING_FAILPOINT: `${point}:1:kill` };
    expect(run(['init', '-C', place], arm).signal).toBe('SIGKILL');
    expect(existsSync(place)).toBe(false);
    const { stdout } = run(['audit', 'list', '--json']);
    const found = (JSON.parse(stdout) as { records: { phase: string }[] }).records;
    expect(found.map(record => record.phase)).toEqual(records === 0 ? [] : ['begin']);
  });
});

describe('audit', () => {
  it('shows what was done, and verifies it', () => {
    run(['init', '-C', join(folder, `a-${count}`)]);
    const listed = run(['audit', 'list']);
    expect(listed.stdout.split('\n').slice(0, 2)).toEqual([
      expect.stringContaining('workspace.init done'),
      expect.stringContaining('workspace.init begin'),
    ]);
    expect(run(['audit', 'verify'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('2 records, all check out'),
    });
  });

  it('says when it was changed', () => {
    run(['init', '-C', join(folder, `b-${count}`)]);
    const log = join(home, 'audit.jsonl');
    writeFileSync(log, readFileSync(log, 'utf8').replace('workspace.init', 'workspace.list'));
    expect(run(['audit', 'verify'])).toMatchObject({
      status: 9,
      stdout: expect.stringContaining('line 1: its contents were changed'),
    });
    appendFileSync(log, 'x\n');
    expect(run(['init', '-C', join(folder, `c-${count}`)])).toMatchObject({ status: 9 });
    expect(existsSync(join(folder, `c-${count}`))).toBe(false);
  });
});

describe('doctor', () => {
  it('finds this machine in order', () => {
    const { status, stdout } = run(['doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string }[] };
    expect(checks.map(check => check.name)).toEqual([
      'node',
      'git',
      'home',
      'space',
      'locks',
      'terminal',
      'failpoints',
      'clock',
      'engine',
    ]);
    expect([status, checks.filter(check => check.status === 'fault')]).toEqual([0, []]);
  });

  it('finds a workspace, a lock left behind and armed failpoints', () => {
    const place = join(folder, `d-${count}`);
    run(['init', '-C', place]);
    writeFileSync(join(home, 'audit.jsonl.lock'), '99999999 0123456789abcdef');
    const { status, stdout } = run(['doctor', '-C', join(folder, 'nowhere')], { PROVISIONING_TEST: '1' });
    expect(status).toBe(7);
    expect(stdout).toMatch(/! locks +.*audit\.jsonl\.lock was left behind/);
    expect(stdout).toMatch(/! failpoints +PROVISIONING_TEST can stop/);
    expect(stdout).toMatch(/✗ workspace/);
  });

  it('says that git is missing', () => {
    const { status, stdout } = run(['doctor'], { PATH: '/nowhere' });
    expect(status).toBe(7);
    expect(stdout).toContain('install git');
  });
});

describe('schema', () => {
  it('prints the schema that is published', () => {
    const { stdout } = run(['schema', 'show', 'workspace']);
    expect(stdout).toBe(readFileSync(join(ROOT, 'schemas/json/workspace.schema.json'), 'utf8'));
  });

  it('names the nearest', () => {
    expect(run(['schema', 'show', 'workspac'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('did you mean workspace?'),
    });
  });
});
