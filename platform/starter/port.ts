/** Folders of this machine: what a workspace is made in. Nothing that exists is ever changed. */
export interface Folders {
  /** The workspace files of a folder as they are on disk, by path; none when there is no folder. */
  files(directory: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Which of these paths are not there below a folder; `.` is the folder itself. */
  absent(directory: string, paths: readonly string[]): readonly string[];
  /** Writes new files, and makes the folder. Throws Fault `refused` when one of them is there already, and then writes none. */
  writeNew(directory: string, files: { readonly [path: string]: string }): void;
  /** Makes the folder a Git repository unless it is inside one. True when it made one. */
  ensureRepository(directory: string): boolean;
  /** The text of a file. Throws Fault `usage` when there is none, or it is larger than `mostBytes`. */
  readText(path: string, mostBytes: number): Promise<string>;
}
