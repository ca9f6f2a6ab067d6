import type { LedgerEntry } from '../../platform/demo-cloud/model.ts';
import { FAULTS, type FaultName } from '../../platform/demo-cloud/faults.ts';

/** What must never happen, read from the ledger of the cloud alone: not even for a moment, and not even if it is mended later. */

/** One operation makes one object. A request that a proxy delivered twice does not count. */
export function createdTwice(ledger: readonly LedgerEntry[]): string[] {
  const made = new Map<string, number>();
  for (const { effect, opId, fault } of ledger) {
    if (opId === null || fault?.name === 'sent-twice' || !effect.startsWith('created')) continue;
    made.set(opId, (made.get(opId) ?? 0) + 1);
  }
  return [...made].filter(([, count]) => count > 1).map(([id, count]) => `operation ${id} created ${count} objects`);
}

/** A create whose outcome was not told is not sent again before somebody looked. */
export function sentBlindly(ledger: readonly LedgerEntry[]): string[] {
  const last = new Map<string, { readonly entry: LedgerEntry; looked: boolean }>();
  const found: string[] = [];
  for (const entry of ledger) {
    if (isLook(entry)) {
      for (const [token, former] of last) if (shows(entry, token)) former.looked = true;
      continue;
    }
    if (entry.operation !== 'create' || entry.token === null) continue;
    const former = last.get(entry.token);
    if (former !== undefined && !former.looked && !isTold(former.entry)) {
      found.push(`operation ${entry.token} was sent again without a look (${former.entry.seq}, ${entry.seq})`);
    }
    last.set(entry.token, { entry, looked: false });
  }
  return found;
}

function isLook({ operation, status, fault }: LedgerEntry): boolean {
  return operation === 'list' && status === 200 && (fault === null || fault.name === 'slow-drip');
}

/** Whether a listing would have shown what the operation made. */
function shows({ path }: LedgerEntry, token: string): boolean {
  return path.includes(token) || path.includes('name=') || path.includes('provisioning%2Fworkspace');
}

/** Whether the answer said for certain that nothing was done. */
function isTold({ status, fault }: LedgerEntry): boolean {
  const isSpoilt = fault !== null && FAULTS[fault.name as FaultName].phase !== 'before';
  return status >= 400 && status < 500 && !isSpoilt;
}

/** Only the process that took the workspace last may change anything. `after`: how many requests the cloud had seen by then. */
export function fenced(
  ledger: readonly LedgerEntry[],
  takes: readonly { readonly client: string; readonly after: number }[],
): string[] {
  const found: string[] = [];
  let next = 0;
  let writer: string | null = null;
  for (const { seq, client, effect, method, path } of ledger) {
    for (let take = takes[next]; take !== undefined && take.after < seq; take = takes[next]) {
      writer = take.client;
      next += 1;
    }
    if (method === 'GET' || effect === 'none' || path.startsWith('/admin') || client === writer) continue;
    found.push(`${client} changed the cloud (${seq}) although ${writer ?? 'nobody'} had taken the workspace`);
  }
  return found;
}

/** Nothing is made before what it needs, and nothing goes before what needs it. */
export function outOfOrder(ledger: readonly LedgerEntry[], needs: ReadonlyMap<string, readonly string[]>): string[] {
  const alive = new Map<string, number>();
  const addresses = new Map<string, string>();
  const found: string[] = [];
  const count = (address: string, by: number): void => void alive.set(address, (alive.get(address) ?? 0) + by);
  const lives = (address: string): boolean => (alive.get(address) ?? 0) > 0;
  const users = new Map<string, string[]>();
  for (const [address, others] of needs)
    for (const other of others) users.set(other, [...(users.get(other) ?? []), address]);
  for (const { effect, address: label, id } of ledger) {
    for (const [, verb, object] of effect.matchAll(/(created|deleted) (\S+?)(?:,|$)/g)) {
      if (object === undefined) continue;
      // A request that was delivered twice made several, and the line names one of them.
      if (label !== null && (object === id || verb === 'created')) addresses.set(object, label);
      const address = addresses.get(object) ?? '';
      const missing = verb === 'created' ? (needs.get(address) ?? []).find(other => !lives(other)) : undefined;
      if (missing !== undefined) found.push(`${address} was made before ${missing}`);
      count(address, verb === 'created' ? 1 : -1);
      const user = verb === 'deleted' && !lives(address) ? (users.get(address) ?? []).find(lives) : undefined;
      if (user !== undefined) found.push(`${address} went before ${user}`);
    }
  }
  return found;
}
