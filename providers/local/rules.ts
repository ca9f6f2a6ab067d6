import type { CallContext } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { runIn } from './exec.ts';
import { fault } from './faults.ts';
import { RULES_FILE } from './firewall.ts';
import type { Piece } from './pieces.ts';

/** Only writes where it is loaded too: rules that the kernel refuses must not be those of the next boot. */
const SCRIPT = `printf %s "$RULES" > ${RULES_FILE}.new && nft -f ${RULES_FILE}.new && mv ${RULES_FILE}.new ${RULES_FILE}`;

/** Loads rules into a running host, all at once, and keeps them for its next boot. */
export async function applyRules(
  ctx: CallContext,
  account: Account,
  { piece, rules }: { readonly piece: Piece; readonly rules: string },
): Promise<void> {
  const what = 'change the firewall';
  const code = await runIn(ctx, account, { piece, what, script: SCRIPT, variables: { RULES: rules } });
  if (code === 0) return;
  throw fault('invalid-input', 'rules_refused', what, { why: 'the kernel of this machine does not take these rules' });
}
