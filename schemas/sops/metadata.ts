import { z } from 'zod';
import { KeptVersions } from './versions.ts';

const text = z.string().max(100_000);
const absent = <T extends z.ZodType>(items: T): z.ZodDefault<z.ZodNullable<z.ZodArray<T>>> =>
  z.array(items).max(200).nullable().default([]);

const AgeEntry = z.looseObject({ recipient: text, enc: text });
const KmsEntry = z.looseObject({
  arn: text,
  role: text.optional(),
  context: z.record(z.string(), text).optional(),
  created_at: text.optional(),
  enc: text,
  aws_profile: text.optional(),
});
const VaultEntry = z.looseObject({
  vault_address: text,
  engine_path: text,
  key_name: text,
  created_at: text.optional(),
  enc: text,
});
const LocalEntry = z.looseObject({ id: text, enc: text });
const CosmianEntry = z.looseObject({ address: text, key: text, enc: text });

/**
 * What a SOPS file says about its own encryption: the data key once for each recipient, which values are encrypted, and the
 * MAC over all of them. `local`, `cosmian_kms` and `provisioning` are ours: SOPS itself passes over them.
 */
export const SopsMetadata = z.looseObject({
  shamir_threshold: z.coerce.number().optional(),
  key_groups: z.array(z.unknown()).optional(),
  kms: absent(KmsEntry),
  gcp_kms: absent(z.unknown()),
  azure_kv: absent(z.unknown()),
  hc_vault: absent(VaultEntry),
  age: absent(AgeEntry),
  pgp: absent(z.unknown()),
  local: absent(LocalEntry),
  cosmian_kms: absent(CosmianEntry),
  lastmodified: text,
  mac: text.optional(),
  unencrypted_suffix: text.optional(),
  encrypted_suffix: text.optional(),
  unencrypted_regex: text.optional(),
  encrypted_regex: text.optional(),
  unencrypted_comment_regex: text.optional(),
  encrypted_comment_regex: text.optional(),
  mac_only_encrypted: z.boolean().optional(),
  version: text.optional(),
  provisioning: KeptVersions.optional(),
});
export type SopsMetadata = z.infer<typeof SopsMetadata>;

/** Somebody, or a service, that can open the data key of a file, by what is public about them. */
export type Recipient =
  | { readonly is: 'age'; readonly recipient: string }
  | {
      readonly is: 'aws-kms';
      readonly arn: string;
      readonly role?: string | undefined;
      readonly profile?: string | undefined;
      readonly context?: { readonly [key: string]: string } | undefined;
    }
  | { readonly is: 'vault'; readonly address: string; readonly engine: string; readonly key: string }
  | { readonly is: 'local'; readonly id: string }
  | { readonly is: 'cosmian'; readonly address: string; readonly key: string };

/** The data key as one recipient can open it. */
export interface WrappedKey {
  readonly recipient: Recipient;
  readonly enc: string;
}

/** Every recipient of a file, in the order in which they are tried: what needs no network first. */
export function wrappedKeys(metadata: SopsMetadata): readonly WrappedKey[] {
  return [
    ...(metadata.local ?? []).map(({ id, enc }) => ({ recipient: { is: 'local', id } as const, enc })),
    ...(metadata.age ?? []).map(({ recipient, enc }) => ({ recipient: { is: 'age', recipient } as const, enc })),
    ...(metadata.kms ?? []).map(({ arn, role, context, aws_profile: profile, enc }) => ({
      recipient: { is: 'aws-kms', arn, role, profile: profile === '' ? undefined : profile, context } as const,
      enc,
    })),
    ...(metadata.hc_vault ?? []).map(({ vault_address: address, engine_path: engine, key_name: key, enc }) => ({
      recipient: { is: 'vault', address, engine, key } as const,
      enc,
    })),
    ...(metadata.cosmian_kms ?? []).map(({ address, key, enc }) => ({
      recipient: { is: 'cosmian', address, key } as const,
      enc,
    })),
  ];
}

/** The lists of recipients as a file has them. `at` is when their keys were made, in the form of RFC 3339. */
export function recipientLists(
  keys: readonly WrappedKey[],
  at: string,
): { readonly [list: string]: readonly unknown[] } {
  const lists = { kms: [] as unknown[], gcp_kms: [], azure_kv: [], hc_vault: [] as unknown[], age: [] as unknown[] };
  const own = { local: [] as unknown[], cosmian_kms: [] as unknown[] };
  for (const { recipient: of, enc } of keys) {
    if (of.is === 'age') lists.age.push({ recipient: of.recipient, enc });
    if (of.is === 'aws-kms') {
      const { arn, role, context, profile = '' } = of;
      const more = { ...(role === undefined ? {} : { role }), ...(context === undefined ? {} : { context }) };
      lists.kms.push({ arn, ...more, created_at: at, enc, aws_profile: profile });
    }
    if (of.is === 'vault')
      lists.hc_vault.push({ vault_address: of.address, engine_path: of.engine, key_name: of.key, created_at: at, enc });
    if (of.is === 'local') own.local.push({ id: of.id, enc });
    if (of.is === 'cosmian') own.cosmian_kms.push({ address: of.address, key: of.key, enc });
  }
  const ours = Object.fromEntries(Object.entries(own).filter(([, list]) => list.length > 0));
  return { ...lists, ...ours };
}

/** The one line that names a recipient: `age1...`, an ARN, the address of a transit key, `local:<id>`, `cosmian+https://host/<key>`. */
export function recipientText(of: Recipient): string {
  switch (of.is) {
    case 'age':
      return of.recipient;
    case 'aws-kms':
      return of.role === undefined ? of.arn : `${of.arn}+${of.role}`;
    case 'vault':
      return `${of.address.replace(/\/$/, '')}/v1/${of.engine}/keys/${of.key}`;
    case 'local':
      return `local:${of.id}`;
    case 'cosmian':
      return `cosmian+${of.address.replace(/\/$/, '')}/${of.key}`;
  }
}

/** The recipient that a line names; null for anything else. */
export function recipientOf(line: string): Recipient | null {
  if (/^age1[a-z0-9]{20,4000}$/.test(line)) return { is: 'age', recipient: line };
  const arn = /^(arn:aws[\w-]*:kms:[^+\s]+)(?:\+(arn:aws[\w-]*:iam::[^\s]+))?$/.exec(line);
  if (arn?.[1] !== undefined) return { is: 'aws-kms', arn: arn[1], ...(arn[2] === undefined ? {} : { role: arn[2] }) };
  const vault = /^(https?:\/\/[^\s]+?)\/v1\/(\S+)\/keys\/([^/\s]+)$/.exec(line);
  if (vault?.[1] !== undefined) return { is: 'vault', address: vault[1], engine: vault[2] ?? '', key: vault[3] ?? '' };
  const local = /^local:([0-9a-f]{16})$/.exec(line);
  if (local?.[1] !== undefined) return { is: 'local', id: local[1] };
  const cosmian = /^cosmian\+(https?:\/\/[^\s]+?)\/([^/\s]+)$/.exec(line);
  return cosmian?.[1] === undefined ? null : { is: 'cosmian', address: cosmian[1], key: cosmian[2] ?? '' };
}
