/**
 * A regular expression of a SOPS file or rule. They are written for an engine that never takes long; what could take long
 * here (a repeated group, a look around, a reference back) is null, so that a file from a stranger cannot stop the program.
 */
export function patternOf(source: string): RegExp | null {
  const flags = source.startsWith('(?i)') ? 'i' : '';
  const pattern = flags === '' ? source : source.slice(4);
  if (pattern.length > 300 || /\)[*+{]|\(\?[^:]|\\[1-9k]/.test(pattern)) return null;
  if ((pattern.match(/[*+]|\{\d*,/g) ?? []).length > 4) return null;
  try {
    return new RegExp(pattern, flags);
  } catch {
    return null;
  }
}
