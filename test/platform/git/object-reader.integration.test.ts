import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openReplies } from '../../../platform/git/objects.ts';
import { type ObjectReader, objectReaders } from '../../../platform/git/object-reader.ts';
import { Fault } from '../../../schemas/fault.ts';
import { makeRepository, type Repository } from './repository.ts';

const OID = 'a'.repeat(40);

describe('replies', () => {
  const text = `${OID} blob 6\none\ntw\n${'b'.repeat(40)} missing\nmain ambiguous\n${OID} tree 0\n\n`;

  test.each([1, 2, 7, 48, 1_000])('are cut right in pieces of %i bytes', size => {
    const replies = openReplies();
    const found: string[] = [];
    for (let at = 0; at < text.length; at += size) {
      replies.add(Buffer.from(text.slice(at, at + size)));
      for (let reply = replies.next(true); reply !== null; reply = replies.next(true)) {
        found.push(reply.object === null ? 'nothing' : `${reply.object.type} ${Buffer.from(reply.object.bytes)}`);
      }
    }
    expect(found).toEqual(['blob one\ntw', 'nothing', 'nothing', 'tree ']);
  });

  test('are refused when they are none', () => {
    const replies = openReplies();
    replies.add(Buffer.from('fatal: something else\n'));
    expect(() => replies.next(true)).toThrow(Fault);
  });
});

describe('a reader that stays', () => {
  let repository: Repository;
  let reader: ObjectReader;
  beforeEach(() => {
    repository = makeRepository();
    reader = objectReaders()(repository.clone);
  });
  afterEach(() => repository.close());

  test('answers many questions at once, each with its own', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `file-${index}`);
    const large = 'x'.repeat(300_000);
    const commit = repository.commit(Object.fromEntries(names.map(name => [name, `${name} ${large}`])));
    const answers = await Promise.all(
      names.map(async (name, index) => {
        if (index % 2 === 0) return (await reader.headers([`${commit}:${name}`, 'nothing']))[0]?.sizeBytes;
        const [object] = await reader.contents([`${commit}:${name}`]);
        return Buffer.from(object?.bytes ?? [])
          .toString()
          .slice(0, name.length);
      }),
    );
    expect(answers).toEqual(names.map((name, index) => (index % 2 === 0 ? large.length + name.length + 1 : name)));
  });

  test('sees what was committed and packed after it began', async () => {
    const first = repository.commit({ a: 'one' });
    expect((await reader.headers(['HEAD^{commit}']))[0]?.oid).toBe(first);
    const second = repository.commit({ a: 'two' });
    repository.git(['repack', '-a', '-d', '-q']);
    repository.git(['prune-packed']);
    const [head, blob] = await reader.headers(['HEAD^{commit}', `${second}:a`]);
    expect(head?.oid).toBe(second);
    expect(blob?.sizeBytes).toBe(3);
  });

  test('is started again when it was killed in the meantime', async () => {
    const commit = repository.commit({ a: 'one' });
    await reader.headers([commit]);
    const found = execFileSync('ps', ['-o', 'pid=,ppid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
    const own = found.split('\n').filter(line => line.includes('--batch-command'));
    expect(own.length).toBeGreaterThan(0);
    for (const line of own) process.kill(Number(line.trim().split(/\s+/)[0]), 'SIGKILL');
    expect((await reader.headers([commit]))[0]?.oid).toBe(commit);
  });

  test('says which object is damaged, and goes on with others', async () => {
    const noise = Array.from({ length: 200 }, (_, index) => createHash('sha256').update(`${index}`).digest('hex')).join(
      '',
    );
    const commit = repository.commit({ a: noise, b: 'two' });
    const oid = repository.git(['rev-parse', `${commit}:a`]);
    const path = join(repository.clone, '.git', 'objects', oid.slice(0, 2), oid.slice(2));
    const bytes = readFileSync(path);
    rmSync(path, { force: true });
    const [gone, there] = await reader.contents([oid, `${commit}:b`]);
    expect(gone).toBeNull();
    expect(Buffer.from(there?.bytes ?? []).toString()).toBe('two');
    writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
    const error = await reader.contents([oid]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('integrity');
    expect((error as Fault).problems[0]?.what).toContain(oid);
    expect((await reader.headers([commit]))[0]?.oid).toBe(commit);
  });

  test('takes no line end in a name, for it would be a command of its own', async () => {
    const error = await reader.contents(['HEAD\ncontents HEAD']).catch((thrown: unknown) => thrown);
    expect((error as Fault).code).toBe('integrity');
  });
});
