import type { Owner } from '../../schemas/owner.ts';
import type { HostAct } from './act.ts';
import { archiveOf, wordList } from './archive.ts';
import { modeText } from './files.ts';
import { whose } from './marker.ts';
import { RUN_SCRIPT } from './run-script.ts';

/** Name of a run, and of the transient daemon that it is on the host. */
export function runName(service: string, opId: string): string {
  return `provisioning-run-${service}-${opId.replace(/[^a-zA-Z0-9]/g, '').slice(0, 40)}`;
}

/** Folder of a run on the host, as long as that is not started anew. */
export function runFolder(service: string, opId: string): string {
  return `/run/provisioning/${runName(service, opId)}`;
}

const RUN_SECONDS = 600;
const VERIFY_SECONDS = 30;

/** The folder of a run, as it is sent to the host. */
export function runArchive(acts: readonly HostAct[], owner: Owner): Uint8Array {
  const folder = new Map<string, string>([
    ['script', RUN_SCRIPT],
    ['owner', JSON.stringify({ format: 1, ...whose(owner), brought: [] })],
  ]);
  acts.forEach((act, index) => {
    const at = `acts/${String(index + 1).padStart(4, '0')}`;
    for (const [name, text] of Object.entries(filesOf(act))) folder.set(`${at}/${name}`, text);
  });
  // Last, so that a stream that was cut is not taken for a run.
  folder.set('whole', '');
  return archiveOf(folder);
}

function filesOf(act: HostAct): { readonly [file: string]: string } {
  const shared = { do: act.do, title: act.title, ...(act.isSecret === true ? { secret: '' } : {}) };
  if (act.do === 'put') {
    const { path, text, mode, owner, group, check, keep } = act;
    return {
      ...shared,
      path,
      text,
      mode: modeText(mode),
      owner,
      group,
      ...(check === undefined ? {} : { check: wordList(check) }),
      ...(keep === undefined ? {} : { keep }),
    };
  }
  const { argv, stdin, as, withinSeconds } = act;
  return {
    ...shared,
    argv: wordList(argv),
    within: String(withinSeconds ?? (act.do === 'run' ? RUN_SECONDS : VERIFY_SECONDS)),
    ...(stdin === undefined ? {} : { stdin }),
    ...(as === undefined ? {} : { as }),
    ...(act.do === 'run' && act.mend !== undefined ? { mend: wordList(act.mend) } : {}),
    ...(act.do === 'verify' && act.expect !== undefined ? { expect: act.expect } : {}),
  };
}

/** How a run stands. */
export interface RunState {
  /** `waits` for a new session, without which the host goes back to how it was. */
  readonly state: 'running' | 'waits' | 'done' | 'failed' | 'gone';
  /** The act that runs or failed. */
  readonly title: string;
  /** The end of what the failed act said. */
  readonly log: string;
}

/** The states in the answer of the poll script, by the names of the runs. */
export function runStates(answer: string): ReadonlyMap<string, RunState> {
  const words = answer.split('\0');
  const states = new Map<string, RunState>();
  for (let at = 0; at + 3 < words.length; at += 4) {
    const [name = '', state = '', title = '', log = ''] = words.slice(at, at + 4);
    const known = (['running', 'waits', 'done', 'failed', 'gone'] as const).find(one => one === state);
    if (known !== undefined) states.set(name, { state: known, title, log });
  }
  return states;
}
