import { z } from 'zod';
import { digestOf } from '../planner/digest.ts';
import type { AuditEvent } from '../platform/audit/port.ts';
import type { Ports } from '../reconciler/ports.ts';
import { asFault, Fault, type Problem } from '../schemas/fault.ts';
import type { Json } from '../schemas/json.ts';
import { fieldToFlag } from './flags.ts';
import type { Call, Operation } from './operation.ts';
import type { Policy } from './permissions.ts';

/** Who may ask, and with which ports the answer is found. */
export interface Door {
  readonly ports: Ports;
  readonly policy: Policy;
}

/** An answer with the input it answers, which rendering and exit code may depend on. */
export interface Answered<I extends z.ZodObject, O extends z.ZodType> {
  readonly input: z.output<I>;
  readonly output: z.output<O>;
}

/**
 * The only way to an operation: permission, input, audit record, run, output, audit record.
 * Throws Fault `denied`, `usage`, whatever the operation throws, or `bug` when its answer is not what it declares.
 */
export async function invoke<I extends z.ZodObject, O extends z.ZodType>(
  operation: Operation<I, O>,
  door: Door,
  raw: { readonly [field: string]: unknown },
  call: Call,
): Promise<Answered<I, O>> {
  const { ports, policy } = door;
  const facts = factsOf(raw);
  const who = { actor: call.actor, operation: operation.name, permission: operation.permission, target: targetOf(raw) };
  const permit = policy.permit({ actor: who.actor, permission: who.permission, target: who.target });
  if (!permit.allowed) {
    if (!operation.safe) await ports.audit.record({ ...who, phase: 'end', outcome: 'denied' });
    throw new Fault('denied', {
      id: 'CLI-DENIED',
      what: `${call.actor} may not use ${operation.name} (${operation.permission})`,
      why: permit.why,
    });
  }
  const parsed = operation.input.safeParse(raw);
  if (!parsed.success)
    throw new Fault(
      'usage',
      parsed.error.issues.map(issue => inputProblem(issue, operation)),
    );
  const input = parsed.data as z.output<I>;
  const run = async (): Promise<Answered<I, O>> => ({
    input,
    output: checked(operation, await operation.run(ports, input, call)),
  });
  return operation.safe ? run() : audited(ports, { ...who, facts, inputDigest: digestOf(input) }, run);
}

/** Puts a durable record before the effect, and its outcome after it. */
async function audited<T>(ports: Ports, event: AuditEvent, run: () => Promise<T>): Promise<T> {
  const { seq } = await ports.audit.record({ ...event, phase: 'begin' });
  let outcome = 'done';
  try {
    return await run();
  } catch (error) {
    outcome = asFault(error).code;
    throw error;
  } finally {
    // The effect stands already: a log that can no longer be written must not hide how it ended. Its begin stays open.
    await ports.audit.record({ ...event, phase: 'end', of: seq, outcome }).catch((error: unknown) => {
      ports.log.write('error', 'the outcome is not in the audit log', {
        operation: event.operation,
        why: asFault(error).message,
      });
    });
  }
}

function checked<I extends z.ZodObject, O extends z.ZodType>(
  operation: Operation<I, O>,
  output: z.input<O>,
): z.output<O> {
  const result = operation.output.safeParse(output);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Fault(
    'bug',
    {
      id: 'BUG-OUTPUT',
      what: `${operation.name} answered something else than it declares, at ${issue?.path.join('.') ?? ''}`,
    },
    { nothingChanged: operation.safe },
  );
}

/** Fields that can hold no secret and say what was acted on. */
const PLAIN_FIELDS = ['workspace', 'env', 'digest', 'plan', 'address', 'commit', 'hosts'];

function factsOf(raw: { readonly [field: string]: unknown }): { [field: string]: Json } {
  const facts: { [field: string]: Json } = {};
  for (const field of PLAIN_FIELDS) {
    const value = raw[field];
    if (typeof value === 'string') facts[field] = value.slice(0, 200);
    else if (Array.isArray(value)) facts[field] = value.map(item => String(item).slice(0, 200)).slice(0, 20);
  }
  return facts;
}

function targetOf(raw: { readonly [field: string]: unknown }): string {
  const [place] = ['repository', 'directory'].map(field => raw[field]).filter(value => typeof value === 'string');
  const env = typeof raw['env'] === 'string' ? `@${raw['env']}` : '';
  // A remote's address may carry a password before the host.
  return `${String(place ?? '').replace(/\/\/[^/]*@/, '//')}${env}`.slice(0, 400);
}

/** An issue of the input in the words of the command line. The value itself is not shown: it may be a secret in the wrong place. */
function inputProblem(issue: z.core.$ZodIssue, operation: Operation): Problem {
  const field = String(issue.path[0] ?? '');
  const name = fieldToFlag(field);
  const fix = `provisioning ${operation.name.replace('.', ' ')} --help`;
  if (issue.code === 'unrecognized_keys')
    return { id: 'CLI-INPUT', what: `there is no input ${issue.keys.map(fieldToFlag).join(', ')}`, fix };
  return { id: 'CLI-INPUT', what: `--${name}: ${reason(issue)}`, fix };
}

function reason(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return `at least ${String(issue.minimum)}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_big':
      return `at most ${String(issue.maximum)}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      return issue.expected === 'int' || issue.expected === 'number' ? 'a whole number' : `a ${issue.expected}`;
    case 'invalid_format':
      return issue.message;
    default:
      return 'it is not valid';
  }
}
