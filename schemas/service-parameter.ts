import { z, type ZodType } from 'zod';

/** Letters that mean nothing special in any format of a file. */
const PLAIN = /^[A-Za-z0-9 ._/:@+,=-]*$/;

/** One letter of a pattern: itself, a class, an escaped one. */
const ATOM = String.raw`(?:[^\\()[\]{}*+?^$|]|\\[dDsSwWnrt\\()[\]{}.*+?^$|/-]|\[(?:[^\]\\]|\\.)+\])`;
const SIMPLE = new RegExp(String.raw`^\^${ATOM}*(?:${ATOM}(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\}))?${ATOM}*\$$`, 'u');

/** What is put in the place of a secret while a plan is made looks like this. */
const STAND_IN = `stand-in-${'0'.repeat(20)}`;

/** Names that mean something else beside the parameters of a service. */
const TAKEN: readonly string[] = ['version', 'server', 'labels', 'needs', 'protect'];

/** One parameter of a task service in a workspace. */
export const ServiceParameter = z
  .strictObject({
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
        'Regular expression for texts, from ^ to $, without groups, in which at most one letter or class is repeated. Without it letters, digits, spaces and ._/:@+,=- are allowed, which mean nothing special in any format.',
      ),
    choices: z.array(z.string()).min(1).max(64).optional().describe('The texts that may be given.'),
    min: z.number().optional().describe('Least number.'),
    max: z.number().optional().describe('Greatest number.'),
  })
  .superRefine((one, context) => {
    const wrong = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (one.pattern !== undefined && !isSimple(one.pattern)) {
      wrong('pattern', 'a pattern is like ^[a-z0-9-]+$: from ^ to $, without groups, at most one part repeated');
      return;
    }
    if (one.type === 'secret' && one.default !== undefined) wrong('default', 'a secret has no default');
    else if (one.default !== undefined && !typeOf(one).safeParse(one.default).success)
      wrong('default', 'its own rules do not allow it');
    if (one.type === 'secret' && !typeOf(one).safeParse(STAND_IN).success)
      wrong('pattern', `a secret must admit ${STAND_IN}, which stands for it in a plan`);
  });
export type ServiceParameter = z.infer<typeof ServiceParameter>;

/** Names that parameters may have. */
export const ParameterName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,62}$/, 'a name such as maxClients')
  .refine(name => !TAKEN.includes(name), { message: `${TAKEN.join(', ')} are taken` });

/** The shape that a parameter asks of its value. */
export function parameterShape(one: ServiceParameter): ZodType {
  const described = typeOf(one).describe(one.description);
  return one.default === undefined ? described : described.default(one.default as never);
}

function typeOf(one: ServiceParameter): ZodType {
  switch (one.type) {
    case 'number':
      return z
        .number()
        .min(one.min ?? Number.MIN_SAFE_INTEGER)
        .max(one.max ?? Number.MAX_SAFE_INTEGER);
    case 'truth':
      return z.boolean();
    case 'list':
      return z.array(textOf(one)).max(1024);
    case 'secret':
      return textOf(one).min(8, 'a secret has at least 8 characters').meta({ secret: true });
    case 'text':
      return one.choices === undefined ? textOf(one) : z.enum(one.choices);
  }
}

function textOf({ pattern }: ServiceParameter): z.ZodString {
  return pattern === undefined
    ? z.string().max(4096).regex(PLAIN, 'holds only letters, digits, spaces and ._/:@+,=-')
    : z.string().max(65_536).regex(new RegExp(pattern, 'u'), `matches ${pattern}`);
}

/** Files come from strangers too. A pattern of this sort is matched in time proportional to the text, whatever that is. */
function isSimple(pattern: string): boolean {
  if (!SIMPLE.test(pattern)) return false;
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
