import { z } from 'zod';
import { Fault } from '../fault.ts';
import { isObject, type Json } from '../json.ts';
import { LIMITS } from '../limits.ts';

/** One real object as a state file has it. */
export interface Instance {
  /** `module.web["a"].hcloud_server.node[0]`, as Terraform writes it. */
  readonly address: string;
  /** `hcloud_server`. */
  readonly type: string;
  readonly attributes: { readonly [attribute: string]: Json };
  /** Terraform would replace it. */
  readonly tainted: boolean;
}

/** The managed objects of a state file, to be looked up. */
export interface TerraformState {
  readonly instances: readonly Instance[];
  /** Objects of a type, in which an attribute is this id. */
  where(type: string, attribute: string, id: string): readonly Instance[];
  of(type: string): readonly Instance[];
}

const StateFile = z.object({
  version: z.literal(4),
  resources: z.array(
    z.object({
      module: z.string().max(2_000).optional(),
      mode: z.string(),
      type: z.string().max(200),
      name: z.string().max(500),
      instances: z.array(
        z.object({
          index_key: z.union([z.string().max(500), z.number()]).nullish(),
          status: z.string().optional(),
          deposed: z.string().optional(),
          attributes: z.record(z.string(), z.json()).nullish(),
          sensitive_attributes: z.array(z.json()).nullish(),
        }),
      ),
    }),
  ),
});
type Raw = z.infer<typeof StateFile>['resources'][number];

/** Largest state file that is read. */
export const STATE_BYTES = LIMITS.treeBytes;

/**
 * Reads a state file of format version 4. What it marks as sensitive is dropped here. Throws Fault `invalid` in words of
 * our own: the text may hold passwords.
 */
export function readState(text: string): TerraformState {
  const value = jsonOf(text);
  const file = checked(value);
  if (file === undefined) throw refusal(value);
  const instances = file.resources.filter(({ mode }) => mode === 'managed').flatMap(instancesOf);
  if (instances.length > LIMITS.resources) {
    const what = `the state file has ${instances.length} objects; the limit is ${LIMITS.resources}`;
    throw new Fault('invalid', { id: 'TF-LIMIT', what, fix: 'split the state first' });
  }
  return indexed(instances);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const fix = 'give the file that `terraform state pull` prints';
    throw new Fault('invalid', { id: 'TF-STATE', what: 'the state file is not JSON', fix });
  }
}

/** Undefined for another shape, and for one that is nested so deep that nobody can check it. */
function checked(value: unknown): z.infer<typeof StateFile> | undefined {
  try {
    return StateFile.safeParse(value).data;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function refusal(value: unknown): Fault {
  const fix = 'give the file that `terraform state pull` prints';
  const file = isObject(value) ? value : {};
  const what =
    'encrypted_data' in file
      ? 'the state file is encrypted'
      : typeof file['version'] === 'number' && file['version'] !== 4
        ? `the state file has format version ${file['version']}; version 4 is read (Terraform 0.12 and newer)`
        : 'this is not a Terraform state file of format version 4';
  return new Fault('invalid', { id: 'TF-STATE', what, fix });
}

function instancesOf({ module, type, name, instances }: Raw): Instance[] {
  const start = `${module === undefined ? '' : `${module}.`}${type}.${name}`;
  return instances.flatMap(({ index_key: index, status, deposed, attributes, sensitive_attributes: sensitive }) => {
    // An object that Terraform replaced and still has to delete is not what anybody wants to keep.
    if (deposed !== undefined || attributes === undefined || attributes === null) return [];
    const hidden = new Set((sensitive ?? []).map(firstStep));
    const shown = Object.entries(attributes).filter(([attribute]) => !hidden.has(attribute));
    const address = index === undefined || index === null ? start : `${start}[${JSON.stringify(index)}]`;
    return [
      { address, type, attributes: Object.fromEntries(shown) as Instance['attributes'], tainted: status === 'tainted' },
    ];
  });
}

/** The attribute that a sensitive path begins with: the whole of it is dropped. */
function firstStep(path: Json): string {
  const [step] = Array.isArray(path) ? (path as readonly Json[]) : [];
  return isObject(step) && typeof step['value'] === 'string' ? step['value'] : '';
}

function indexed(instances: readonly Instance[]): TerraformState {
  const types = new Map<string, Instance[]>();
  for (const instance of instances) {
    const list = types.get(instance.type);
    if (list === undefined) types.set(instance.type, [instance]);
    else list.push(instance);
  }
  const known = new Map<string, Map<string, Instance[]>>();
  const indexOf = (type: string, attribute: string): Map<string, Instance[]> => {
    const key = `${type} ${attribute}`;
    const index = known.get(key) ?? new Map<string, Instance[]>();
    if (!known.has(key)) {
      for (const instance of types.get(type) ?? []) {
        const id = String(instance.attributes[attribute] ?? '');
        const list = index.get(id);
        if (list === undefined) index.set(id, [instance]);
        else list.push(instance);
      }
      known.set(key, index);
    }
    return index;
  };
  return {
    instances,
    // Nothing is no id: what lacks the attribute belongs to nobody.
    where: (type, attribute, id) => (id === '' ? [] : (indexOf(type, attribute).get(id) ?? [])),
    of: type => types.get(type) ?? [],
  };
}
