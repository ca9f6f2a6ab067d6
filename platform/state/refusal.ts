import type { Recorded } from '../../schemas/checkpoint.ts';
import { Fault } from '../../schemas/fault.ts';
import type { Sha, WorkspaceKey } from '../../schemas/name.ts';

/** Recorded state does not check out: nothing is done with it until an operator decided. */
export function broken(id: string, what: string, more: { readonly why?: string; readonly fix?: string } = {}): Fault {
  const fix = more.fix ?? 'provisioning state verify, then provisioning state rebuild';
  return new Fault('integrity', { id, what, ...(more.why === undefined ? {} : { why: more.why }), fix });
}

/** Another one writes. */
export function held(recorded: Recorded, now: number): Fault {
  const writer = recorded.writer;
  if (writer === null) {
    return new Fault('locked', {
      id: 'ST-CONTENDED',
      what: `others take ${recorded.workspace} at the same time`,
      fix: 'try again',
    });
  }
  const minutes = Math.max(0, Math.round((now - writer.since) / 60_000));
  return new Fault(
    'locked',
    {
      id: 'ST-LOCKED',
      what: `${recorded.workspace} is being written by process ${writer.pid} on ${writer.host}, for ${minutes} min`,
      fix: 'wait for it with --wait, or stop it; a writer that died is replaced by itself',
    },
    { data: { holder: writer.id, host: writer.host, pid: writer.pid, since: writer.since, epoch: recorded.epoch } },
  );
}

/** The caller gave up before the workspace was its. */
export function stopped(workspace: WorkspaceKey): Fault {
  return new Fault('locked', { id: 'ST-STOPPED', what: `stopped before ${workspace} could be taken` });
}

/** This writer was replaced: whatever it has not pushed is void. */
export function superseded(epoch: number): Fault {
  return new Fault(
    'locked',
    {
      id: 'ST-SUPERSEDED',
      what: `another writer took over after epoch ${epoch}`,
      why: 'this one did not renew its lease in time',
      fix: 'run again: the successor has settled what was open',
    },
    { data: { epoch }, nothingChanged: false },
  );
}

export function rewritten(ref: string, seen: Sha, found: Sha): Fault {
  return new Fault(
    'integrity',
    {
      id: 'ST-REWRITTEN',
      what: `${ref} was rewritten: this machine saw ${seen.slice(0, 12)}, the remote has ${found.slice(0, 12)}, which does not descend from it`,
      why: 'an older or foreign record would make us repeat or undo changes',
      fix: 'restore the branch, or accept it with `provisioning state trust-reset`, or `provisioning state rebuild`',
    },
    { data: { seen, found } },
  );
}
