import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { Json } from '../schemas/json.ts';
import type { Decision } from './decision.ts';

/** The record of an object as it is by now, where it lags behind; nothing otherwise. */
export function followedRecord({ held, after, lagging, observed }: Decision): RecordedObject[] {
  if (held === undefined || lagging === undefined) return [];
  const { record } = held;
  const spec: { [path: string]: Json } = { ...record.spec };
  for (const path of lagging) {
    const value = after[path];
    if (value === undefined) delete spec[path];
    else spec[path] = value;
  }
  return [{ ...record, spec, outputs: { ...record.outputs, ...observed?.outputs } }];
}
