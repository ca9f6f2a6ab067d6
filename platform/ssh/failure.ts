import type { HostTarget } from '../../schemas/host.ts';
import { type ProviderErrorClass, ProviderFault } from '../../schemas/provider.ts';
import { showText } from '../../schemas/problem.ts';

/** A fault of ours. What libraries and hosts say is never part of it. */
export function refused(kind: ProviderErrorClass, code: string, message: string, cause?: unknown): ProviderFault {
  return new ProviderFault({ class: kind, code, message }, cause);
}

/** `deploy@10.0.0.1`, with the port where it is not 22. */
export function nameOf({ user, address, port }: HostTarget): string {
  const where = address.includes(':') ? `[${address}]` : address;
  return showText(`${user}@${where}${port === 22 ? '' : `:${port}`}`);
}

/** True for a fault after which it is certain that nothing was started. */
export function isTransient(error: unknown): boolean {
  return error instanceof ProviderFault && error.error.class === 'transient';
}
