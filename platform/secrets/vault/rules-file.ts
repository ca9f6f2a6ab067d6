import { isMap, parseDocument } from 'yaml';
import { Fault } from '../../../schemas/fault.ts';
import { type Recipient, recipientText } from '../../../schemas/sops/metadata.ts';
import { RULES_FILE } from '../../../schemas/sops/place.ts';

/** Field of a rule for each kind of recipient. Ours is passed over by SOPS. */
const FIELDS = {
  age: 'age',
  'aws-kms': 'kms',
  vault: 'hc_vault_transit_uri',
  local: 'provisioning',
  cosmian: 'provisioning',
} as const;

/** The rules with recipients added to, and taken out of, their first rule; everything else in the file stays as it is. */
export function changedRules(
  rules: Uint8Array | undefined,
  change: { readonly add: readonly Recipient[]; readonly remove: readonly Recipient[] },
): Uint8Array {
  const document = parseDocument(rules === undefined ? 'creation_rules:\n  - {}\n' : new TextDecoder().decode(rules), {
    logLevel: 'silent',
  });
  const rule = document.getIn(['creation_rules', 0], true);
  if (!isMap(rule) || rule.has('key_groups'))
    throw new Fault('usage', {
      id: 'SEC-RULES',
      what: `the first rule of ${RULES_FILE} keeps its recipients in groups`,
      fix: 'change the file by hand, then provisioning secret recipients',
    });
  rule.flow = false;
  const removed = new Set(change.remove.map(recipientText));
  for (const field of new Set(Object.values(FIELDS))) {
    const old = String(rule.get(field) ?? '')
      .split(',')
      .map(one => one.trim())
      .filter(one => one !== '');
    const added = change.add.filter(one => FIELDS[one.is] === field).map(recipientText);
    const next = [...new Set([...old, ...added])].filter(one => !removed.has(one));
    if (next.length > 0) rule.set(field, next.join(','));
    else rule.delete(field);
  }
  return Buffer.from(document.toString({ lineWidth: 0 }));
}
