import { readJson } from '../schemas/parse/json-text.ts';
import { plainValue } from '../schemas/parse/source.ts';
import { z } from 'zod';

/** All that is taken from a delivery: which repository to look at, and which pull request, if it is about one. */
export interface Hint {
  /** `acme/infrastructure` */
  readonly repository: string;
  readonly pull: number | null;
}

/** Events that may mean work. All others are answered and forgotten. */
export const EVENTS: readonly string[] = [
  'push',
  'pull_request',
  'pull_request_review',
  'issue_comment',
  'issues',
  'check_run',
  'check_suite',
  'merge_group',
];

const Numbered = z.object({ number: z.int().min(1) });
const Body = z.object({
  repository: z.object({ full_name: z.string().max(300) }),
  pull_request: Numbered.optional(),
  issue: Numbered.optional(),
});

/** The hint in a delivery; null when it is not the JSON of one: cut off, too deep, or with a key twice. */
export function hintOf(bytes: Uint8Array): Hint | null {
  const { root } = readJson(new TextDecoder().decode(bytes));
  const read = root === null ? null : Body.safeParse(plainValue(root));
  if (read?.success !== true) return null;
  const { repository, pull_request: pull, issue } = read.data;
  return { repository: repository.full_name, pull: pull?.number ?? issue?.number ?? null };
}
