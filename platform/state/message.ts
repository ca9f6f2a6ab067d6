import type { Checkpoint, Step } from '../../schemas/checkpoint.ts';
import type { Sha, Sha256 } from '../../schemas/name.ts';

/** What the last lines of a commit message say, so that `git log` alone tells the story. */
export interface Trailers {
  readonly sequence: number;
  readonly epoch: number;
  readonly at: number;
  readonly run: string | null;
  readonly plan: Sha256 | null;
  readonly step: Step['step'];
  readonly change: string | null;
  readonly checksum: Sha256;
  /** On a root: the former head, and its checksum where the count goes on. */
  readonly before: Sha | null;
  readonly previous: Sha256 | null;
}

const SUBJECT_LENGTH = 120;

export function commitMessage(
  checkpoint: Checkpoint,
  links: Pick<Trailers, 'checksum' | 'before' | 'previous'>,
): string {
  const { body } = checkpoint;
  const rows: readonly (readonly [string, string | number | null])[] = [
    ['Run', checkpoint.run],
    ['Plan', checkpoint.plan],
    ['Sequence', checkpoint.sequence],
    ['Epoch', checkpoint.epoch],
    ['At', new Date(checkpoint.at).toISOString()],
    ['Step', body.step],
    ['Change', changeOf(body)],
    ['Address', addressOf(body)],
    ['Before', links.before],
    ['Previous', links.previous],
    ['Checksum', links.checksum],
  ];
  const trailers = rows.filter(row => row[1] !== null).map(([name, value]) => `${name}: ${oneLine(String(value))}`);
  const why = whyOf(body).map(oneLine);
  const paragraphs = [oneLine(subjectOf(body)).slice(0, SUBJECT_LENGTH), why.join('\n'), trailers.join('\n')];
  return `${paragraphs.filter(text => text !== '').join('\n\n')}\n`;
}

/** The trailers of a message; null when it is not one of ours. */
export function parseMessage(message: string): (Trailers & { readonly subject: string }) | null {
  const paragraphs = message.trimEnd().split('\n\n');
  const rows = new Map<string, string>();
  for (const line of (paragraphs.at(-1) ?? '').split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) rows.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const sequence = Number(rows.get('Sequence'));
  const epoch = Number(rows.get('Epoch'));
  const at = Date.parse(rows.get('At') ?? '');
  const checksum = rows.get('Checksum') ?? '';
  if (![sequence, epoch, at].every(Number.isSafeInteger) || !/^[0-9a-f]{64}$/.test(checksum)) return null;
  return {
    subject: paragraphs[0] ?? '',
    sequence,
    epoch,
    at,
    checksum,
    run: rows.get('Run') ?? null,
    plan: rows.get('Plan') ?? null,
    step: (rows.get('Step') ?? '') as Step['step'],
    change: rows.get('Change') ?? null,
    before: rows.get('Before') ?? null,
    previous: rows.get('Previous') ?? null,
  };
}

function subjectOf(body: Step): string {
  switch (body.step) {
    case 'take':
      return `take by ${body.holder.host} process ${body.holder.pid}`;
    case 'release':
      return 'release';
    case 'approve':
      return `approve plan ${body.approval.digest.slice(0, 12)}`;
    case 'begin':
      return `begin ${body.run.purpose} of ${body.run.commit.slice(0, 12)}, ${count(body.run.changes, 'change')}`;
    case 'intend':
      return body.intents.length === 1
        ? `intend ${body.intents[0]?.key}`
        : `intend ${count(body.intents.length, 'change')}`;
    case 'token':
      return `${body.key} goes on`;
    case 'done':
      return `${body.key} done`;
    case 'fail':
      return `${body.key} ${body.settled ? 'failed' : 'has an unknown result'}`;
    case 'end':
      return `end, ${body.outcome}`;
    case 'hold':
      return `hold by ${body.by}`;
    case 'unhold':
      return `resume by ${body.by}`;
    case 'rebuild':
      return `rebuild ${count(body.objects.length, 'object')} by ${body.by}`;
    case 'compact':
      return `compact, go on from ${body.before.slice(0, 12)}`;
  }
}

function whyOf(body: Step): readonly string[] {
  switch (body.step) {
    case 'approve':
      return [`Approved by ${body.approval.by}, for commit ${body.approval.commit}.`];
    case 'begin':
      return body.run.approvedBy === null ? [] : [`Approved by ${body.run.approvedBy}.`];
    case 'intend':
      return body.intents.slice(0, 20).map(intent => `- ${intent.key}`);
    case 'fail':
      return [body.fault.problems[0]?.what ?? body.fault.code];
    case 'hold':
      return [body.why];
    default:
      return [];
  }
}

function changeOf(body: Step): string | null {
  if ('key' in body) return body.key;
  return body.step === 'intend' && body.intents.length === 1 ? (body.intents[0]?.key ?? null) : null;
}

function addressOf(body: Step): string | null {
  const key = changeOf(body);
  return key === null ? null : key.slice(key.indexOf(' ') + 1);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Text of others cannot add a line, and so not a trailer. */
function oneLine(text: string): string {
  return text.slice(0, 500).replaceAll(/\p{Cc}/gu, ' ');
}
