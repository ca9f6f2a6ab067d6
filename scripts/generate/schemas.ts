import { CLUSTERS } from '../../clusters/index.ts';
import { jsonSchemas } from '../../schemas/parse/json-schema.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import type { GeneratedFile } from '../generate.ts';

/** `schemas/json/<name>.schema.json`, by which editors complete and check workspace files. */
export function schemaFiles(): readonly GeneratedFile[] {
  return Object.entries(jsonSchemas({ services: TASKSERVS, templates: CLUSTERS })).map(([name, schema]) => ({
    path: `schemas/json/${name}.schema.json`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }));
}
