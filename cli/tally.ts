export interface Tally { readonly done: number }
export function emptyTally(): Tally { return { done: 0 }; }
export function tallyOf(tally: Tally, _event: unknown, _now: number): Tally { return tally; }
export function eventLine(_event: unknown, _tally: Tally): string | null { return null; }
