import { createHash, hash, type Hash } from 'node:crypto';
import { canonical, isObject } from '../schemas/json.ts';
import type { Sha256 } from '../schemas/name.ts';

/** Levels that are digested piece by piece; a plan has its changes on the second. */
const PIECEWISE = 3;
const PIECE_CHARACTERS = 65_536;

/** SHA-256 of the canonical text of a JSON value. The text of a large value is never held as a whole. */
export function digestOf(value: unknown): Sha256 {
  if (!isObject(value) && !Array.isArray(value)) return hash('sha256', canonical(value));
  let sum: Hash | undefined;
  let piece = '';
  write(value, PIECEWISE, text => {
    piece += text;
    if (piece.length < PIECE_CHARACTERS) return;
    sum ??= createHash('sha256');
    sum.update(piece);
    piece = '';
  });
  return sum === undefined ? hash('sha256', piece) : sum.update(piece).digest('hex');
}

function write(value: unknown, levels: number, emit: (text: string) => void): void {
  if (levels === 0) {
    emit(canonical(value));
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      emit(index === 0 ? '[' : ',');
      write(item, levels - 1, emit);
    });
    emit(value.length === 0 ? '[]' : ']');
  } else if (isObject(value)) {
    const keys = Object.keys(value)
      .sort()
      .filter(key => value[key] !== undefined);
    keys.forEach((key, index) => {
      emit(`${index === 0 ? '{' : ','}${JSON.stringify(key)}:`);
      write(value[key], levels - 1, emit);
    });
    emit(keys.length === 0 ? '{}' : '}');
  } else {
    emit(canonical(value));
  }
}
