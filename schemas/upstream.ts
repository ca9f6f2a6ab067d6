import type { Address, Name } from './name.ts';
import { splitRef } from './resource.ts';

/** An output of a resource of another workspace of the same repository. */
export interface UpstreamRef {
  readonly workspace: Name;
  /** The environment where one is written; null means the reader's own, where the other workspace has environments. */
  readonly env: Name | null;
  readonly address: Address;
  readonly output: string;
}

/** The text of a reference inside a spec: `net:network/main.id`, `net@prod:network/main.id`. No address holds a colon. */
export function upstreamText({ workspace, env, address, output }: UpstreamRef): string {
  return `${workspace}${env === null ? '' : `@${env}`}:${address}.${output}`;
}

/** The other workspace's output that a reference inside a spec names; null for one of the own workspace. */
export function upstreamOf(ref: string): UpstreamRef | null {
  const colon = ref.indexOf(':');
  if (colon < 0) return null;
  const [workspace = '', env = null] = ref.slice(0, colon).split('@');
  return { workspace, env, ...splitRef(ref.slice(colon + 1)) };
}

/** A reference as a person wrote it: `${workspace.net.network.main.id}`. */
export function upstreamShown(ref: UpstreamRef): string {
  const { workspace, env, address, output } = ref;
  return `\${workspace.${workspace}${env === null ? '' : `@${env}`}.${address.replace('/', '.')}.${output}}`;
}
