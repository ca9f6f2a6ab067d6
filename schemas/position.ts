/** A place in a workspace file. Lines and columns start at 1; columns count UTF-16 code units, as editors do. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, as editors and terminals link it. */
export function showPosition(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`;
}
