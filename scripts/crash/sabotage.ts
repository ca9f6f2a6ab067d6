import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { matrix } from './matrix.ts';
import { type Breakage, useBreakage } from './program.ts';
import type { Proof } from './proof.ts';
import { openTally, type Tally, violate } from './tally.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

interface Sabotage {
  readonly name: string;
  readonly breakage: Breakage;
  /** The part of the proof that must find it out. */
  readonly proof: (proof: Proof) => Promise<Tally>;
}

const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'look-ups that find nothing',
    breakage: { preload: join(HERE, 'blind.mjs') },
    proof: proof =>
      matrix({ ...proof, only: { shape: 'flat', profile: 'upcloud', point: 'create.accepted', nth: 1, second: null } }),
  },
];

/** A proof that cannot fail proves nothing: each of these broken programs must be found out. */
export async function sabotage(proof: Proof): Promise<Tally> {
  const tally = openTally('sabotage');
  const whole = { number: 1, of: 1 };
  try {
    for (const one of SABOTAGES) {
      useBreakage(one.breakage);
      const found = await one.proof({ ...proof, share: whole, say: line => proof.say(`(${one.name}) ${line}`) });
      tally.cases += 1;
      const again = 'npx tsx scripts/crash/main.ts --sabotage';
      if (found.violations.length === 0) violate(tally, { case: one.name, what: 'the proof did not notice', again });
      else tally.fired += 1;
      tally.notes.push(`sabotage, ${one.name}: ${found.violations[0]?.what.slice(0, 200) ?? 'not noticed'}`);
    }
  } finally {
    useBreakage({});
  }
  return tally;
}
