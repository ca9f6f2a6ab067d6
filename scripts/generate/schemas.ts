import { z } from 'zod';
import { jsonSchemas } from '../../schemas/parse/json-schema.ts';
import { ServiceFile } from '../../schemas/service-file.ts';
import type { GeneratedFile } from '../generate.ts';

/** `schemas/json/<name>.schema.json`, by which editors complete and check workspace files. */
export function schemaFiles(): readonly GeneratedFile[] {
  const service = z.toJSONSchema(ServiceFile, { io: 'input' });
  return Object.entries({ ...jsonSchemas(), service }).map(([name, schema]) => ({
    path: `schemas/json/${name}.schema.json`,
    text: `${JSON.stringify(schema, null, 2)}\n`,
  }));
}
