import { Fault, type FaultCode, type Problem } from '../../schemas/fault.ts';

interface Symptom {
  readonly pattern: RegExp;
  readonly code: FaultCode;
  readonly problem: Problem;
}

/** What git says on stderr (with LC_ALL=C), from the most to the least specific, and what it means for people. */
const SYMPTOMS: readonly Symptom[] = [
  {
    pattern: /transport '[^']*' not allowed|protocol '[^']*' is not supported/,
    code: 'usage',
    problem: { id: 'GIT-PROTOCOL', what: 'the remote uses a protocol that is not allowed' },
  },
  {
    pattern: /dubious ownership/,
    code: 'denied',
    problem: {
      id: 'GIT-OWNER',
      what: 'the repository belongs to another user of this machine',
      fix: 'run as its owner, or clone it',
    },
  },
  {
    pattern:
      /Authentication failed|could not read (?:Username|Password)|Permission denied \(|HTTP 401|error: 401|terminal prompts disabled/i,
    code: 'unavailable',
    problem: {
      id: 'GIT-AUTH',
      what: 'the remote did not accept our sign-in',
      fix: 'check the SSH key or the token of this machine',
    },
  },
  {
    pattern: /error: 403|HTTP 403|access denied|not authori[sz]ed/i,
    code: 'unavailable',
    problem: {
      id: 'GIT-FORBIDDEN',
      what: 'the remote knows us but does not let us in',
      fix: 'give this account access',
    },
  },
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: 'unavailable',
    problem: {
      id: 'GIT-HOST-KEY',
      what: 'the SSH key of the Git host is unknown or not the one that is pinned',
      fix: "add the host's key to known_hosts after checking it",
    },
  },
  {
    pattern: /SSL|certificate|TLS/i,
    code: 'unavailable',
    problem: { id: 'GIT-TLS', what: "the remote's certificate could not be verified" },
  },
  {
    pattern:
      /does not appear to be a git repository|[Rr]epository .*not found|not found: did you run|error: 404|HTTP 404|does not exist|not a git repository/,
    code: 'unavailable',
    problem: {
      id: 'GIT-NOT-FOUND',
      what: 'there is no repository at this address',
      fix: 'check the address and our access',
    },
  },
  {
    pattern:
      /fsck|bad object|corrupt|cannot read object|inflate|missing (?:blob|tree|commit)|unable to read tree|hash mismatch|index-pack failed/i,
    code: 'integrity',
    problem: {
      id: 'GIT-OBJECT',
      what: 'the repository holds a damaged or forbidden object',
      fix: 'git fsck in the repository',
    },
  },
  {
    pattern: /Could not resolve host|Name or service not known|Temporary failure in name resolution/i,
    code: 'unavailable',
    problem: { id: 'GIT-DNS', what: 'the host name of the remote cannot be resolved' },
  },
  {
    pattern: /timed out|Operation too slow/i,
    code: 'unavailable',
    problem: { id: 'GIT-TIMEOUT', what: 'the remote did not answer in time' },
  },
  {
    pattern: /error: 5\d\d|HTTP 5\d\d/,
    code: 'unavailable',
    problem: { id: 'GIT-REMOTE-ERROR', what: 'the remote answered with an error of its own' },
  },
  {
    pattern:
      /Connection refused|Connection reset|Couldn't connect|Network is unreachable|unexpectedly|hung up|early EOF/i,
    code: 'unavailable',
    problem: { id: 'GIT-CONNECTION', what: 'the connection to the remote failed or broke' },
  },
  {
    pattern: /No space left on device/,
    code: 'unavailable',
    problem: { id: 'GIT-DISK-FULL', what: 'the disk is full', fix: 'make room; nothing recorded was lost' },
  },
];

/** What a failed git command means. Its own words are not repeated: they may echo addresses, credentials or contents. */
export function gitFault(stderr: string, doing: string): Fault {
  const symptom = SYMPTOMS.find(({ pattern }) => pattern.test(stderr));
  if (symptom === undefined) {
    return new Fault('unavailable', { id: 'GIT', what: `git could not ${doing}` }, { data: { doing } });
  }
  const oid = /\b[0-9a-f]{40}\b/.exec(stderr)?.[0];
  const what =
    symptom.code === 'integrity' && oid !== undefined ? `${symptom.problem.what}: ${oid}` : symptom.problem.what;
  return new Fault(symptom.code, { ...symptom.problem, what, why: `git could not ${doing}` }, { data: { doing } });
}

export function gitTimeout(doing: string, timeoutMs: number): Fault {
  const what = `git took longer than ${timeoutMs / 1_000} s to ${doing}`;
  return new Fault('unavailable', { id: 'GIT-TIMEOUT', what }, { data: { doing } });
}
