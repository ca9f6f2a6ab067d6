import { type Fields, Refusal } from './model.ts';

/** Fields of a decoded request: the description of the API has already said of what type each is. */
export function maybeText(input: Fields, field: string): string | undefined {
  const value = input[field];
  return typeof value === 'string' ? value : undefined;
}

export function text(input: Fields, field: string): string {
  const value = maybeText(input, field);
  if (value === undefined || value === '') throw new Refusal('MissingParameter');
  return value;
}

export function maybeNumber(input: Fields, field: string): number | undefined {
  const value = input[field];
  return typeof value === 'number' ? value : undefined;
}

export function isSet(input: Fields, field: string): boolean {
  return input[field] === true;
}

export function record(input: Fields, field: string): Fields {
  const value = input[field];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function records(input: Fields, field: string): readonly Fields[] {
  const value = input[field];
  return Array.isArray(value) ? (value as Fields[]) : [];
}

export function texts(input: Fields, field: string): readonly string[] {
  const value = input[field];
  return Array.isArray(value) ? value.map(String) : [];
}
