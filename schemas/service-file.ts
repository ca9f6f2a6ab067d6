import { z } from 'zod';
import { Name } from './name.ts';
import { CATEGORIES } from './taskserv.ts';

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

const Item = z.discriminatedUnion('is', [
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

const Parameter = z.strictObject({
  type: z.enum(['text', 'number', 'truth', 'list', 'secret']).describe('What may be given.'),
  description: z.string().min(1).max(512).describe('One sentence for people.'),
  default: z
    .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
    .optional()
    .describe('What it is where nothing is given; without it the parameter must be given. A secret has none.'),
  pattern: z
    .string()
    .max(512)
    .optional()
    .describe(
      'Regular expression for texts. Without it letters, digits and ._/:@+,=- are allowed, which mean nothing special in any format.',
    ),
  choices: z.array(z.string()).min(1).max(64).optional().describe('The texts that may be given.'),
  min: z.number().optional().describe('Least number.'),
  max: z.number().optional().describe('Greatest number.'),
});

const Port = z.strictObject({
  port: z.union([z.int().min(1).max(65_535), z.string()]).describe('Number, or `${parameter}`.'),
  protocol: z.enum(['tcp', 'udp']).default('tcp').describe('Protocol.'),
  reach: z.enum(['host', 'network', 'public']).describe('Who is meant to reach it.'),
  purpose: z.string().min(1).max(128).describe('What it is for.'),
});

/**
 * A task service of somebody else as one file of a workspace, `taskservs/<name>/service.yaml`: data alone, no code. In
 * every text `${parameter}` stands for the value of a parameter, `${version}` for the version that was asked for,
 * `${host.address}` and `${host.name}` for the server, and `$$` for a dollar sign.
 */
export const ServiceFile = z
  .strictObject({
    summary: z.string().min(1).max(160).describe('One sentence.'),
    categories: z.array(z.enum(CATEGORIES)).min(1).describe('Where it is listed.'),
    version: z.string().max(63).optional().describe('Version where none is asked for.'),
    needs: z.array(Name).max(16).default([]).describe('Services that must be on the same server.'),
    conflicts: z.array(Name).max(16).default([]).describe('Services that cannot be on the same server.'),
    holdsData: z.boolean().default(true).describe('Removing it loses data. False only when that is certain.'),
    data: z.array(Path).max(16).default([]).describe('Folders that stay when it is removed.'),
    parameters: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9]{0,62}$/, 'a name such as maxClients'), Parameter)
      .default({})
      .describe('Its parameters by name.'),
    ports: z.array(Port).max(32).default([]).describe('Its doors.'),
    endpoint: z.string().max(1024).optional().describe('Where clients connect: `http://${host.address}:${port}`.'),
    items: z.array(Item).min(1).max(256).describe('What shall be so on the host, in the order in which it is made.'),
  })
  .superRefine((file, context) => {
    const known = new Set([...Object.keys(file.parameters), 'version', 'host.address', 'host.name']);
    const look = (value: unknown, path: (string | number)[]): void => {
      if (typeof value === 'string') {
        for (const name of placeholders(value))
          if (!known.has(name))
            context.addIssue({ code: 'custom', path, message: `there is no parameter \`${name}\`` });
      } else if (Array.isArray(value)) value.forEach((one, at) => look(one, [...path, at]));
      else if (typeof value === 'object' && value !== null)
        for (const [key, one] of Object.entries(value)) look(one, [...path, key]);
    };
    look(file.items, ['items']);
    look(file.ports, ['ports']);
    look(file.endpoint, ['endpoint']);
    file.items.forEach((item, at) => {
      if (item.when !== undefined && file.parameters[item.when]?.type !== 'truth')
        context.addIssue({ code: 'custom', path: ['items', at, 'when'], message: 'names no parameter of type truth' });
    });
    for (const [name, one] of Object.entries(file.parameters)) {
      if (one.pattern !== undefined && !isPattern(one.pattern))
        context.addIssue({
          code: 'custom',
          path: ['parameters', name, 'pattern'],
          message: 'is no regular expression',
        });
      if (one.type === 'secret' && one.default !== undefined)
        context.addIssue({ code: 'custom', path: ['parameters', name, 'default'], message: 'a secret has no default' });
    }
  });
export type ServiceFile = z.infer<typeof ServiceFile>;

/** Names between `${` and `}` in a text; `$$` is a dollar sign and begins none. */
export function placeholders(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(({ 1: name }) => (name === undefined ? [] : [name]));
}

/** A dollar sign that is meant, or a place for a value. */
export const PLACEHOLDER = /\$\$|\$\{([^{}]*)\}/g;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
