import { z } from 'zod';

const Text = z.string().max(65_536);
const Path = z.string().max(1024).regex(/^\//, 'an absolute path');
const Words = z.array(Text).min(1).max(256);
/** `0644`, as people write rights of files. */
const Mode = z.string().regex(/^0[0-7]{3}$/, 'rights such as "0644", in quotes');
const WHEN = 'Only where this parameter is true.';
const when = { when: z.string().optional().describe(WHEN) };
const owned = {
  mode: Mode.optional().describe('Rights, such as "0640".'),
  owner: Text.optional().describe('User that it belongs to.'),
  group: Text.optional().describe('Group that it belongs to.'),
};
const seconds = z.int().min(1).max(3600).optional().describe('Longest time in seconds.');
const Digest = z.string().max(128).describe('SHA-256 of the download; usually a parameter.');

/**
 * One thing that shall be so on a host, as a service file says it: `HostItem` with rights as people write them, values as
 * `${parameter}`, and `when`.
 */
export const ServiceItem = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('package'), name: Text, version: Text.optional(), ...when }),
  z.strictObject({
    is: z.literal('repository'),
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
    uri: Text,
    suite: Text,
    components: z.array(Text).max(16).default([]),
    key: Text,
    ...when,
  }),
  z.strictObject({
    is: z.literal('release'),
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
    version: Text,
    sources: z.partialRecord(z.enum(['amd64', 'arm64']), z.strictObject({ url: Text, sha256: Digest })),
    archive: z.enum(['tar.gz', 'tar.xz', 'zip', 'none']),
    files: z
      .array(z.strictObject({ from: Text.optional(), to: Path, mode: Mode }))
      .min(1)
      .max(64),
    ...when,
  }),
  z.strictObject({
    is: z.literal('user'),
    name: Text,
    home: Path.optional(),
    groups: z.array(Text).max(16).optional(),
    ...when,
  }),
  z.strictObject({ is: z.literal('directory'), path: Path, ...owned, ...when }),
  z.strictObject({
    is: z.literal('file'),
    path: Path,
    text: Text,
    ...owned,
    isSecret: z.literal(true).optional().describe('Nobody may see its text.'),
    check: Words.optional().describe('Run before the file is put in place, with {} for the path of the new text.'),
    ...when,
  }),
  z.strictObject({ is: z.literal('absent'), path: Path, ...when }),
  z.strictObject({ is: z.literal('link'), path: Path, to: Path, ...when }),
  z.strictObject({
    is: z.literal('daemon'),
    unit: Text,
    restartOn: z.array(Path).max(64).optional(),
    reloadOn: z.array(Path).max(64).optional(),
    state: z.enum(['running', 'stopped']).optional(),
    ...when,
  }),
  z.strictObject({
    is: z.literal('task'),
    title: Text,
    done: Words.describe('Ends with 0 when there is nothing to do. It changes nothing, and holds no secret.'),
    run: Words,
    stdin: Text.optional().describe('What `run` reads; secrets go this way.'),
    as: Text.optional(),
    undo: Words.optional().describe('Takes it back when the service is removed.'),
    withinSeconds: seconds,
    ...when,
  }),
  z.strictObject({
    is: z.literal('verify'),
    title: Text,
    run: Words,
    stdin: Text.optional(),
    as: Text.optional(),
    expect: Text.optional().describe('A regular expression that its output must match.'),
    withinSeconds: seconds,
    ...when,
  }),
]);
export type ServiceItem = z.infer<typeof ServiceItem>;
