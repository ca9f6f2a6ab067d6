import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ADDRESS_FILE = 'address.json';

/** What stands in the address file. */
export interface DemoCloudAddress {
  readonly url: string;
  readonly pid: number;
}

/** Address of the demo cloud that keeps its objects in `directory`; null when none runs there. */
export function runningDemoCloud(directory: string): DemoCloudAddress | null {
  try {
    return JSON.parse(readFileSync(join(directory, ADDRESS_FILE), 'utf8')) as DemoCloudAddress;
  } catch {
    return null;
  }
}
