import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Problem } from '../fault.ts';
import { type Recipient, recipientOf } from './metadata.ts';
import { patternOf } from './pattern.ts';
import { RULES_FILE, SECRETS_FOLDER } from './place.ts';
import { type Selection, selectionOf } from './selection.ts';

const line = z.string().max(20_000);
const Group = z.strictObject({
  age: z.array(line).optional(),
  kms: z
    .array(
      z.strictObject({
        arn: line,
        role: line.optional(),
        context: z.record(z.string(), line).optional(),
        aws_profile: line.optional(),
      }),
    )
    .optional(),
  hc_vault: z.array(line).optional(),
  hc_vault_uris: z.array(line).optional(),
});
const Rule = z.strictObject({
  path_regex: line.optional(),
  age: line.optional(),
  kms: line.optional(),
  aws_profile: line.optional(),
  hc_vault_transit_uri: line.optional(),
  /** Recipients that SOPS does not know. */
  provisioning: line.optional(),
  key_groups: z.array(Group).optional(),
  shamir_threshold: z.int().optional(),
  unencrypted_suffix: line.optional(),
  encrypted_suffix: line.optional(),
  unencrypted_regex: line.optional(),
  encrypted_regex: line.optional(),
  mac_only_encrypted: z.boolean().optional(),
});
const Rules = z.looseObject({ creation_rules: z.array(Rule).max(200) });

/** For whom a new file is encrypted, and which of its values. */
export interface CreationRule {
  readonly recipients: readonly Recipient[];
  readonly selection: Selection;
  readonly macOnlyEncrypted: boolean;
}

/** The rule that is for a file: the first whose `path_regex` fits its path from the folder of the rules. Null where none does. */
export function ruleFor(rules: Uint8Array, file: string): CreationRule | Problem | null {
  const document = parseDocument(new TextDecoder().decode(rules), { logLevel: 'silent', prettyErrors: false });
  const read = document.errors.length > 0 ? null : Rules.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (read?.success !== true) return problem('it is not read as creation rules', read?.error.issues[0]?.path.join('.'));
  for (const [index, rule] of read.data.creation_rules.entries()) {
    const pattern = rule.path_regex === undefined ? null : patternOf(rule.path_regex);
    if (rule.path_regex !== undefined && pattern === null)
      return problem(
        `path_regex of rule ${index + 1} is not read here`,
        'groups are not repeated, and nothing looks around',
      );
    if (pattern?.test(file.slice(SECRETS_FOLDER.length + 1)) !== false) return creation(rule, index + 1);
  }
  return null;
}

function creation(rule: z.infer<typeof Rule>, number: number): CreationRule | Problem {
  const groups = rule.key_groups ?? [];
  if (groups.length > 1 || (rule.shamir_threshold ?? 0) > 1)
    return problem(
      `rule ${number} splits the key between groups`,
      'every recipient of a file can open it here',
      'put all recipients into one group',
    );
  const selection = selectionOf(rule);
  if (selection === null)
    return problem(`rule ${number} says more than once, or in a way that is not read here, what is encrypted`);
  const [group] = groups;
  const lines = [
    ...(group?.age ?? []),
    ...(group?.hc_vault ?? []),
    ...(group?.hc_vault_uris ?? []),
    ...list(rule.age),
    ...list(rule.hc_vault_transit_uri),
    ...list(rule.provisioning),
  ];
  const recipients = [...lines, ...list(rule.kms)].map(recipientOf);
  if (recipients.includes(null))
    return problem(`rule ${number} names a recipient that is not read here`, undefined, 'age, kms and hc_vault are');
  const named = (recipients as readonly Recipient[]).map(one =>
    one.is === 'aws-kms' && rule.aws_profile !== undefined ? { ...one, profile: rule.aws_profile } : one,
  );
  const kms = (group?.kms ?? []).map(
    ({ arn, role, context, aws_profile: profile }) => ({ is: 'aws-kms', arn, role, context, profile }) as const,
  );
  const all = [...named, ...kms];
  if (all.length === 0) return problem(`rule ${number} names no recipient`);
  return { recipients: all, selection, macOnlyEncrypted: rule.mac_only_encrypted === true };
}

function list(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '');
}

function problem(what: string, why?: string, fix?: string): Problem {
  return {
    id: 'SEC-RULES',
    at: { file: RULES_FILE, line: 1, column: 1 },
    what: `${RULES_FILE}: ${what}`,
    ...(why === undefined || why === '' ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
  };
}
