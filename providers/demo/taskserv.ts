import { isObject, type JsonObject } from '../../schemas/json.ts';
import type { DemoKind } from './kind.ts';

/** Fields of a task service that the demo cloud knows; every other one is a parameter, which it keeps as it is. */
const OWN: ReadonlySet<string> = new Set(['server', 'version', 'labels']);

/** A task service on a server: the demo cloud plays the host, so that a whole workspace can be tried without one. */
export const taskserv: DemoKind = {
  collection: 'taskservs',
  resized: [],
  outputs: { version: 'version', endpoint: 'endpoint' },
  encode(kind, spec, fields) {
    const parameters = Object.fromEntries(Object.entries(spec).filter(([key]) => !OWN.has(key)));
    return {
      ...(fields.includes('server') ? { server: spec['server'] ?? null } : {}),
      ...(fields.includes('version') ? { version: spec['version'] ?? null } : {}),
      ...(fields.some(field => !OWN.has(field)) ? { parameters } : {}),
      ...(fields.includes('type') ? { type: kind.slice('taskserv.'.length) } : {}),
    };
  },
  decode(fields) {
    const parameters = isObject(fields['parameters']) ? (fields['parameters'] as JsonObject) : {};
    const own = { server: fields['server'] ?? null, version: fields['version'] ?? null };
    return { ...parameters, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null)) };
  },
};
