import { fault } from './faults.ts';

/** The engine of one machine. */
export interface Account {
  /** Engine and machine, as `podman.build-7`. */
  readonly name: string;
  readonly url: string;
  readonly engine: 'podman' | 'docker';
  readonly profile: 'standard' | 'container-host';
  /** What host keys come from. */
  readonly key: string;
  /** Addresses that were given out and may not be seen in a listing yet. */
  readonly given: Set<string>;
}

/** What a size gives a host. */
export interface Size {
  readonly memoryMib: number;
  readonly cpus: number;
  readonly pids: number;
}

export const SIZES: { readonly [name: string]: Size } = {
  small: { memoryMib: 512, cpus: 1, pids: 2_048 },
  medium: { memoryMib: 1_024, cpus: 2, pids: 4_096 },
  large: { memoryMib: 2_048, cpus: 4, pids: 8_192 },
};

export function sizeNamed(name: unknown, what: string): Size {
  const found = typeof name === 'string' && Object.hasOwn(SIZES, name) ? SIZES[name] : undefined;
  if (found !== undefined) return found;
  throw fault('invalid-input', 'unknown_size', what, { why: `the sizes are ${Object.keys(SIZES).join(', ')}` });
}

/** Images that `provisioning image build` can build, and where the engine has them. */
export const IMAGES = ['debian-12', 'debian-13'] as const;

export function imageReference(image: string): string {
  return `localhost/provisioning-host:${image}`;
}
