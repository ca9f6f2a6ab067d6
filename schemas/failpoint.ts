/**
 * Named places in the program where a test may kill, pause, delay or fail it. They ship in the program, because a test of
 * another program proves nothing; they are inert unless the process is started with `PROVISIONING_TEST=1` and
 * `PROVISIONING_FAILPOINT=<name>:<nth>:<kill|pause|error|delay=ms>`.
 */
export const FAILPOINTS = [
  'fetch.before',
  'fetch.after',
  'parse.after',
  'observe.before',
  'observe.after',
  'plan.after',
  'approve.before',
  'approve.after',
  'take.before',
  'take.after',
  'begin.after',
  'journal.append.before',
  'journal.append.after',
  'journal.sync.after',
  'intent.commit.before',
  'intent.push.before',
  'intent.push.after',
  'lookup.before',
  'lookup.after',
  'create.send.before',
  'create.accepted',
  'create.answered',
  'update.send.before',
  'update.accepted',
  'update.answered',
  'delete.send.before',
  'delete.accepted',
  'delete.answered',
  'adopt.send.before',
  'adopt.accepted',
  'adopt.answered',
  'token.after',
  'poll.before',
  'poll.after',
  'outcome.before',
  'outcome.after',
  'commit.before',
  'commit.after',
  'push.before',
  'push.after',
  'fail.after',
  'rollback.begin',
  'rollback.end',
  'end.before',
  'end.after',
  'release.before',
  'release.after',
  'compact.before',
  'compact.after',
  'audit.before',
  'audit.after',
] as const;

/** The same for what is written to a Git host about a pull request. */
export const REVIEW_FAILPOINTS = [
  'record.before',
  'record.after',
  'comment.before',
  'comment.after',
  'check.before',
  'check.after',
  'report.before',
  'report.after',
] as const;

/** The same for what is done on hosts over SSH. */
export const HOST_FAILPOINTS = [
  'ssh.connect.before',
  'ssh.connect.after',
  'ssh.run.before',
  // What the program reads has left; its answer has not come.
  'ssh.run.sent',
  'ssh.run.after',
] as const;

/** Any of them. */
export type Failpoint =
  | (typeof FAILPOINTS)[number]
  | (typeof REVIEW_FAILPOINTS)[number]
  | (typeof HOST_FAILPOINTS)[number];
