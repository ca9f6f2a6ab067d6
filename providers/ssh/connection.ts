import { type Connection, type Outcome, ProviderFault } from '../../schemas/provider.ts';

/**
 * There is no cloud behind machines, so that nothing is listed and nothing can be asked: the record has what is claimed
 * (`virtual` of the capability), and only services on a machine are a reason to contact it.
 */
export const connection: Connection = {
  account: 'machines',
  list: () => Promise.resolve([]),
  scan: () => Promise.resolve([]),
  find: () => Promise.resolve([]),
  read: () => Promise.resolve(null),
  create: refused,
  update: refused,
  adopt: refused,
  delete: refused,
  poll: (_ctx, tokens) => Promise.resolve(tokens.map(() => refusal())),
  catalogue: () => Promise.resolve({ sizes: [], images: [], zones: [], quotas: [], prices: [], currency: null }),
};

function refused(): Promise<Outcome> {
  return Promise.reject(refusal());
}

function refusal(): ProviderFault {
  const message = 'machines that exist already are servers, and nothing else';
  return new ProviderFault({ class: 'unsupported', code: 'unknown_kind', message });
}
