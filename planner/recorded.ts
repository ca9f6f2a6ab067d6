import type { Checkpoint, Intent, Recorded, RecordedObject, RunRecord } from '../schemas/checkpoint.ts';
import type { Sha } from '../schemas/name.ts';

/** Recorded state under construction: the maps are its own, so that folding 10,000 checkpoints copies nothing. */
export interface Fold extends Recorded {
  objects: Map<string, RecordedObject>;
  intents: Map<string, Intent>;
  epoch: number;
  sequence: number;
  writer: Recorded['writer'];
  run: RunRecord | null;
  approvals: Recorded['approvals'];
  hold: Recorded['hold'];
  head: Sha | null;
  tree: Sha;
}

/** A copy that `advance` may change. */
export function startFold(recorded: Recorded): Fold {
  return { ...recorded, objects: new Map(recorded.objects), intents: new Map(recorded.intents) };
}

/** Adds one checkpoint in place. The only code that knows what a checkpoint means for recorded state. */
export function advance(fold: Fold, checkpoint: Checkpoint): void {
  fold.sequence = checkpoint.sequence;
  fold.epoch = checkpoint.epoch;
  const body = checkpoint.body;
  switch (body.step) {
    case 'take':
      fold.writer = { ...body.holder, since: checkpoint.at };
      return;
    case 'release':
      fold.writer = null;
      return;
    case 'approve':
      fold.approvals = [...fold.approvals.filter(known => known.digest !== body.approval.digest), body.approval];
      return;
    case 'begin':
      fold.run = body.run;
      fold.approvals = fold.approvals.filter(known => known.digest !== body.run.plan);
      return;
    case 'intend':
      for (const intent of body.intents) fold.intents.set(intent.key, intent);
      return;
    case 'token':
      addToken(fold, body.key, body.token);
      return;
    case 'done':
      for (const key of body.remove) fold.objects.delete(key);
      for (const object of body.objects) fold.objects.set(object.key, object);
      closeIntent(fold, body.key);
      return;
    case 'fail':
      for (const object of body.objects) fold.objects.set(object.key, object);
      if (body.settled) closeIntent(fold, body.key);
      if (fold.run !== null) fold.run = { ...fold.run, failed: { ...fold.run.failed, [body.key]: body.fault } };
      return;
    case 'end':
      if (fold.run !== null) fold.run = { ...fold.run, endedAt: body.at, outcome: body.outcome };
      return;
    case 'hold':
      fold.hold = { by: body.by, why: body.why, at: body.at };
      return;
    case 'unhold':
      fold.hold = null;
      return;
    case 'rebuild':
      fold.objects = new Map(body.objects.map(object => [object.key, object]));
      fold.intents = new Map();
      fold.run = null;
      return;
    case 'compact':
      return;
  }
}

function closeIntent(fold: Fold, key: string): void {
  fold.intents.delete(key);
  if (fold.run !== null && key in fold.run.failed) {
    const failed = { ...fold.run.failed };
    delete failed[key];
    fold.run = { ...fold.run, failed };
  }
}

function addToken(fold: Fold, key: string, token: Intent['token']): void {
  const intent = fold.intents.get(key);
  if (intent !== undefined && token !== undefined) fold.intents.set(key, { ...intent, token });
}
