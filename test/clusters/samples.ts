import type { Json } from '../../schemas/json.ts';

/** One cluster of each template, and what else the workspace must hold for it. */
export interface Sample {
  readonly fields: { readonly [field: string]: Json };
  /** The field that makes it larger, with sizes that are allowed. */
  readonly grows: { readonly field: string; readonly sizes: readonly number[] };
  /** Ports that are open to everybody. */
  readonly publicPorts: readonly number[];
}

const OPERATORS = { operators: ['198.51.100.0/24'] };
const PASSWORD = 'correct horse battery';

export const SAMPLES: { readonly [template: string]: Sample } = {
  web: {
    fields: { ...OPERATORS, nodes: 2, password: PASSWORD },
    grows: { field: 'nodes', sizes: [1, 2, 3, 7] },
    publicPorts: [80],
  },
};

/** A workspace of one cluster, as files. */
export function workspaceOf(
  template: string,
  fields: { readonly [field: string]: Json },
  provider: { readonly [key: string]: Json } = { driver: 'demo' },
): Map<string, Uint8Array> {
  const files = {
    'workspace.json': { name: 'shop', review: 'none', providers: { main: provider } },
    'clusters/main.json': { [template]: { main: fields } },
  };
  return new Map(Object.entries(files).map(([path, value]) => [path, Buffer.from(JSON.stringify(value))]));
}
