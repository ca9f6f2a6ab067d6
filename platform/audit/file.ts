import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { canonical } from '../../schemas/json.ts';
import { diskFault } from '../../schemas/disk.ts';
import { Fault } from '../../schemas/fault.ts';
import type { World } from '../../schemas/world.ts';
import { hashOf, parseRecord, recordOf, verifyLines } from './chain.ts';
import { withLock } from './lock.ts';
import type { AuditLog, AuditRecord } from './port.ts';

export const AUDIT_FILE = 'audit.jsonl';

/** A record is far shorter; a line that does not fit is damage. */
const TAIL_BYTES = 64 * 1024;

/** The audit log as one file of JSON lines, appended to by every process of this machine in turn. */
export function fileAudit(directory: string, world: World): AuditLog {
  const path = join(directory, AUDIT_FILE);
  // Records of one process wait for each other here: at the lock a crowd of them would hold each other up until it gives up.
  const inTurn = pLimit(1);
  return {
    async record(event) {
      await world.reach('audit.before');
      const record = await inTurn(() =>
        usable(path, async () => {
          await mkdir(directory, { recursive: true, mode: 0o700 });
          return withLock(`${path}.lock`, world, async () => {
            const previous = await newest(path);
            const next = recordOf(event, previous, world.clock.now());
            await append(path, `${canonical(next)}\n`);
            return next;
          });
        }),
      );
      await world.reach('audit.after');
      return record;
    },
    async list({ limit }) {
      const lines = (await usable(path, () => read(path))).lines;
      return lines.slice(-limit).reverse().map(parsed);
    },
    async verify() {
      const { lines, torn } = await usable(path, () => read(path));
      return verifyLines(lines, torn);
    },
  };
}

function parsed(line: string): AuditRecord {
  const record = parseRecord(line);
  if (record !== null && hashOf(record) === record.hash) return record;
  throw new Fault('integrity', {
    id: 'ST-AUDIT',
    what: 'the audit log holds a line that was changed or damaged',
    fix: 'provisioning audit verify',
  });
}

async function usable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFault(error, `the audit log ${path} cannot be used`);
  }
}

/** Whole lines, and whether a partial one follows: a process that died while writing leaves one, and its effect never began. */
async function read(path: string): Promise<{ readonly lines: readonly string[]; readonly torn: boolean }> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  const rest = lines.pop();
  return { lines, torn: rest !== '' };
}

/** The last whole record. Cuts off a partial line behind it. */
async function newest(path: string): Promise<AuditRecord | null> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (from + end + 1 < size) await file.truncate(from + end + 1);
    if (end < 0) return null;
    const start = end === 0 ? -1 : buffer.lastIndexOf(0x0a, end - 1);
    return parsed(buffer.toString('utf8', start + 1, end));
  } finally {
    await file.close();
  }
}

async function append(path: string, line: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(line);
    await file.datasync();
  } finally {
    await file.close();
  }
}
