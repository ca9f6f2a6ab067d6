import type { Finding } from '../schemas/plan.ts';

/** The findings that say what a plan could not see. Where there is one, a plan without changes does not mean "in sync". */
export function blindSpots(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ id }) => id === 'PR-UNAVAILABLE' || id === 'PR-NOT-OBSERVED');
}
