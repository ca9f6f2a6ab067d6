import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JournalRecord, openJournal, parseJournal } from '../../../platform/state/journal.ts';
import { intentPath, keptPlans, objectPath, pretty } from '../../../platform/state/layout.ts';
import { commitMessage, parseMessage } from '../../../platform/state/message.ts';
import { systemProcesses } from '../../../platform/state/processes.ts';
import { marksOf, openSentBook } from '../../../platform/state/sent.ts';
import { blobOid, changedFolder, EMPTY_FOLDER, filesBelow, folderOid } from '../../../platform/state/tree.ts';
import { EMPTY_TREE, emptyRecorded, type Step } from '../../../schemas/checkpoint.ts';
import { done, intent, object, sha } from './fixture.ts';
import { virtualWorld } from './virtual-world.ts';

/** Any characters, also those that no file system or message should see. */
const anyText = fc
  .array(
    fc.nat(0x10ffff).filter(code => code < 0xd800 || code > 0xdfff),
    { maxLength: 100 },
  )
  .map(codes => String.fromCodePoint(...codes));

describe('trees', () => {
  test('the empty folder has the id that Git gives it', () => {
    expect(folderOid(EMPTY_FOLDER)).toBe(EMPTY_TREE);
  });

  test('ids are those of Git, names that sort strangely included', () => {
    const directory = mkdtempSync(join(tmpdir(), 'tree-'));
    try {
      const git = (args: readonly string[], input = ''): string =>
        execFileSync('git', ['-C', directory, ...args], { input, encoding: 'utf8' }).trim();
      git(['init', '--quiet']);
      const paths = ['a', 'a.b', 'a-b', 'b/c', 'b.c', 'b0', 'b/d/e', 'server__x#1.json', 'Z', '%2F'];
      const files = paths.map(path => [path, blobOid(`text of ${path}\n`)] as const);
      const lines = files.map(([path, oid]) => `100644 ${oid}\t${path}\n`).join('');
      for (const path of paths) git(['hash-object', '-w', '--stdin'], `text of ${path}\n`);
      git(['update-index', '--index-info'], lines);
      expect(folderOid(changedFolder(EMPTY_FOLDER, files))).toBe(git(['write-tree']));
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('the tree depends on what is in it, not on how it came to be', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 })
      .map(parts => `${parts.join('/')}.json`);
    fc.assert(
      fc.property(fc.array(fc.tuple(path, fc.option(fc.constantFrom('1', '2')))), changes => {
        const model = new Map<string, string>();
        let folder = EMPTY_FOLDER;
        for (const [at, text] of changes) {
          if (text === null) model.delete(at);
          else model.set(at, blobOid(text));
          folder = changedFolder(folder, [[at, text === null ? null : blobOid(text)]]);
        }
        expect(new Map(filesBelow(folder))).toEqual(model);
        expect(folderOid(folder)).toBe(folderOid(changedFolder(EMPTY_FOLDER, model)));
      }),
    );
  });
});

describe('layout', () => {
  test('paths are sharded, readable, safe and distinct', () => {
    expect(objectPath('server/web-1')).toMatch(/^state\/[0-9a-f]\/[0-9a-f]\/server__web-1\.json$/);
    expect(objectPath('server/web-1#i-0ab')).toMatch(/\/server__web-1#i-0ab\.json$/);
    expect(intentPath('create server/web-1')).toMatch(/^intents\/[0-9a-f]\/[0-9a-f]\/[0-9a-f]{16}\.json$/);
    const id = anyText;
    fc.assert(
      fc.property(id, id, (a, b) => {
        const [pathA, pathB] = [objectPath(`server/x#${a}`), objectPath(`server/x#${b}`)];
        expect(pathA).toMatch(/^state\/[0-9a-f]\/[0-9a-f]\/[\w.%#-]{1,240}$/);
        expect(pathA === pathB).toBe(a === b);
      }),
    );
  });

  test('plans: the newest stay, and that of the present run always', () => {
    const digests = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(sha);
    const kept = digests.reduce<readonly string[]>((order, digest) => keptPlans(order, digest, sha('b')), []);
    expect(kept).toEqual(['b', 'd', 'e', 'f', 'g'].map(sha));
    expect(keptPlans(kept, sha('d'), null)).toEqual(['b', 'e', 'f', 'g', 'd'].map(sha));
  });

  test('JSON for people has sorted keys and a line end', () => {
    expect(pretty({ b: [{ d: 1, c: undefined }], a: null })).toBe(
      '{\n  "a": null,\n  "b": [\n    {\n      "d": 1\n    }\n  ]\n}\n',
    );
  });
});

describe('commit messages', () => {
  const links = { checksum: sha('x'), before: null, previous: null };

  test('what is written is read back', () => {
    const checkpoint = { sequence: 7, epoch: 2, at: 1_700_000_000_123, run: 'r1', plan: sha('p'), body: done('web-1') };
    const message = commitMessage(checkpoint, { ...links, before: '1'.repeat(40), previous: sha('y') });
    expect(message.split('\n')[0]).toBe('create server/web-1 done');
    expect(parseMessage(message)).toEqual({
      subject: 'create server/web-1 done',
      sequence: 7,
      epoch: 2,
      at: 1_700_000_000_123,
      run: 'r1',
      plan: sha('p'),
      step: 'done',
      change: 'create server/web-1',
      checksum: sha('x'),
      before: '1'.repeat(40),
      previous: sha('y'),
    });
  });

  test('text of others cannot forge a trailer or a paragraph', () => {
    fc.assert(
      fc.property(anyText, text => {
        const forged = `${text}\n\nSequence: 99\nChecksum: ${sha('forged')}\n`;
        const body: Step = { step: 'hold', by: forged, why: forged, at: 1 };
        const found = parseMessage(commitMessage({ sequence: 3, epoch: 1, at: 5, run: null, plan: null, body }, links));
        expect(found).toMatchObject({ sequence: 3, checksum: sha('x') });
      }),
    );
  });

  test.each([
    '',
    'a commit of somebody',
    'x\n\nSequence: 1\n',
    `x\n\nSequence: a\nEpoch: 1\nAt: 1\nChecksum: ${sha('x')}`,
  ])('%j is not one of ours', message => {
    expect(parseMessage(message)).toBeNull();
  });
});

describe('the journal', () => {
  const step = (sequence: number, body: Step): JournalRecord => ({
    type: 'step',
    checkpoint: { sequence, epoch: 1, at: 1, run: null, plan: null, body },
    checksum: sha(String(sequence)),
  });
  const records: readonly JournalRecord[] = [
    { type: 'open', lineage: '0'.repeat(12), epoch: 1, marks: { 'create server/old': 'unknown' } },
    step(2, { step: 'intend', intents: [intent('a'), intent('b'), intent('old')] }),
    { type: 'sent', key: 'create server/a', at: 5 },
    step(3, done('ü “x”')),
  ];

  async function written(): Promise<string> {
    let text = '';
    const file = { append: async (more: string) => void (text += more), sync: async () => {}, close: async () => {} };
    const journal = openJournal(file, virtualWorld());
    await journal.add(records);
    await journal.close();
    return text;
  }

  test('cut anywhere, it yields the whole records before the cut', async () => {
    const text = await written();
    const bytes = Buffer.from(text);
    for (let length = 0; length <= bytes.length; length += 1) {
      const found = parseJournal(bytes.subarray(0, length).toString('utf8'), 'journal');
      expect(found).toEqual(records.slice(0, found.length));
    }
    expect(parseJournal(text, 'journal')).toEqual(records);
  });

  test('with a changed character in it, it is refused or the change is in a cut-off end', async () => {
    const text = await written();
    for (let at = 0; at < text.lastIndexOf('\n', text.length - 2); at += 7) {
      if (text[at] === '\n') continue;
      const changed = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`;
      expect(() => parseJournal(changed, 'journal'), `at ${at}`).toThrow(/damaged/);
    }
  });

  test('marks: sent, certainly not sent, and unknown are told apart', () => {
    const marks = marksOf(records);
    expect(marks).toEqual({ 'create server/a': 5, 'create server/b': null, 'create server/old': 'unknown' });
    const intents = new Map(['a', 'b', 'old', 'foreign'].map(name => [intent(name).key, intent(name)]));
    const book = openSentBook({ ...emptyRecorded('shop', ''), intents }, marks);
    expect(['a', 'b', 'old', 'foreign', 'closed'].map(name => book.sentAt(`create server/${name}`))).toEqual([
      5,
      undefined,
      null,
      null,
      null,
    ]);
    book.follow({
      sequence: 4,
      epoch: 1,
      at: 1,
      run: null,
      plan: null,
      body: { step: 'intend', intents: [intent('old'), intent('new')] },
    });
    expect(['old', 'new'].map(name => book.sentAt(`create server/${name}`))).toEqual([null, undefined]);
    book.follow({
      sequence: 5,
      epoch: 1,
      at: 1,
      run: null,
      plan: null,
      body: { ...done('a'), objects: [object('a')] } as Step,
    });
    expect(Object.keys(book.marks()).sort()).toEqual(
      ['b', 'foreign', 'new', 'old'].map(name => `create server/${name}`),
    );
  });
});

describe('processes', () => {
  test('this one is alive; one that ended, or has only its number, is not; one elsewhere may be', () => {
    const processes = systemProcesses();
    const [place = '', , start = ''] = processes.self().split(' ');
    expect(processes.alive(processes.self())).toBe(true);
    const ended = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    expect(processes.alive(`${place} ${ended} 1`)).toBe(false);
    expect(processes.alive(`${place} ${process.pid} ${Number(start) + 1}`)).toBe(false);
    expect(processes.alive(`another-boot/pid:[1] ${ended} 1`)).toBe(true);
  });
});
