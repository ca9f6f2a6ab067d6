import type { ProviderFault } from '../../schemas/provider.ts';
import { type Call, deliver } from './client.ts';
import { CLOUD, fault } from './errors.ts';
import { lost } from '../transport/send.ts';

const ACTION = 'GetCallerIdentity';
const BODY = `Action=${ACTION}&Version=2011-06-15`;

/** The account that the credentials belong to. Everybody may ask this, so that it proves the credentials and nothing else. */
export async function accountOf(call: Call): Promise<string> {
  const slot = { call, action: ACTION, effect: 'reads', main: false } as const;
  const { text } = await deliver(slot, 'sts', BODY).catch((error: unknown) => {
    // The first answer told what time it is at AWS.
    if (isClock(error)) return deliver(slot, 'sts', BODY);
    throw error;
  });
  const account = /<Account>(\d{12})<\/Account>/.exec(text)?.[1];
  if (account === undefined) throw lost({ cloud: CLOUD, what: call.what, method: 'GET' }, 'unreadable_reply');
  return account;
}

function isClock(error: unknown): boolean {
  const told = (error as ProviderFault).error;
  return told?.class === 'transient' && told.status !== undefined && told.status < 500;
}

/** What is said when the credentials are not accepted: which variables they came from. */
export function notAccepted(
  what: string,
  config: { readonly accessKeyId: string; readonly secretAccessKey: string },
): ProviderFault {
  const names = [config.accessKeyId, config.secretAccessKey].map(reference => reference.slice('env:'.length));
  return fault('unauthenticated', 'not_accepted', what, {
    why: `AWS does not accept the credentials in ${names.join(' and ')}`,
  });
}
