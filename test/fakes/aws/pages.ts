import { maybeNumber, maybeText, records, text, texts } from './input.ts';
import { type Fields, Refusal, type Thing, type Turn } from './model.ts';

/** What a filter of a name looks at; a list matches when one of its values does. */
export type Filterable<T> = { readonly [filter: string]: (thing: T) => unknown };

const MOST_VALUES = 200;

/** The test of all filters of a request. */
export function filterOf<T extends { readonly tags: Thing['tags'] }>(
  input: Fields,
  filterable: Filterable<T>,
): (thing: T) => boolean {
  const tests = records(input, 'Filters').map(filter => {
    const name = text(filter, 'Name');
    const values = texts(filter, 'Values');
    if (values.length > MOST_VALUES) throw new Refusal('FilterLimitExceeded');
    const matches = matcher(values);
    if (name === 'tag-key') return (thing: T) => Object.keys(thing.tags).some(matches);
    if (name.startsWith('tag:')) {
      const key = name.slice('tag:'.length);
      return (thing: T) => thing.tags[key] !== undefined && matches(thing.tags[key]);
    }
    const look = filterable[name];
    if (look === undefined) throw new Refusal('InvalidParameterValue');
    return (thing: T) => {
      const value = look(thing);
      return Array.isArray(value) ? value.some(matches) : matches(value);
    };
  });
  return thing => tests.every(test => test(thing));
}

/** Values of filters may hold `*` and `?`. */
function matcher(values: readonly string[]): (value: unknown) => boolean {
  const exact = new Set(values.filter(value => !/[*?]/.test(value)));
  const patterns = values
    .filter(value => /[*?]/.test(value))
    .map(value =>
      value
        .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.'),
    )
    .map(pattern => new RegExp(`^${pattern}$`));
  return value => exact.has(String(value)) || patterns.some(pattern => pattern.test(String(value)));
}

interface Asked<T> {
  readonly field: string;
  /** Fewest and most objects that one page may be asked for. */
  readonly sizes: readonly [least: number, most: number];
  readonly show: (thing: T) => Fields;
}

type Ordered = { readonly serial: number };

/** One page of EC2. The token says after which object it goes on, so that what comes and goes in between shifts nothing. */
export function page<T extends Ordered>(turn: Turn, things: readonly T[], { field, sizes, show }: Asked<T>): Fields {
  const { input, settings } = turn;
  const [least, most] = sizes;
  const asked = maybeNumber(input, 'MaxResults');
  if (asked !== undefined && (asked < least || asked > most)) throw new Refusal('InvalidParameterValue');
  const { part, next } = partOf(things, maybeText(input, 'NextToken'), Math.min(asked ?? most, settings.pageSize));
  return { [field]: part.map(show), NextToken: next };
}

/** One page of Elastic Load Balancing, which has other words for the same. */
export function markedPage<T extends Ordered>(
  turn: Turn,
  things: readonly T[],
  asked: Omit<Asked<T>, 'sizes'>,
): Fields {
  const { input, settings } = turn;
  const size = maybeNumber(input, 'PageSize') ?? 400;
  if (size < 1 || size > 400) throw new Refusal('ValidationError');
  const { part, next } = partOf(things, maybeText(input, 'Marker'), Math.min(size, settings.pageSize));
  return { [asked.field]: part.map(asked.show), NextMarker: next };
}

function partOf<T extends Ordered>(things: readonly T[], token: string | undefined, size: number) {
  const after = token === undefined ? -1 : Number(Buffer.from(token, 'base64url').toString('utf8'));
  if (Number.isNaN(after)) throw new Refusal('InvalidNextToken');
  const rest = things.filter(one => one.serial > after);
  const part = rest.slice(0, size);
  const last = part.at(-1);
  const isOver = last === undefined || rest.length <= size;
  return { part, next: isOver ? undefined : Buffer.from(String(last.serial)).toString('base64url') };
}
