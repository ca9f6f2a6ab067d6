import type { Address, WorkspaceKey } from './name.ts';
import { kindOf, nameOf } from './name.ts';

/** Whose object it is. Written as labels in the create call itself, so that a lost answer can be looked up. */
export interface Owner {
  readonly workspace: WorkspaceKey;
  /** Identity of the state chain: two workspaces of one name in one account differ in it. 12 hexadecimal digits. */
  readonly lineage: string;
  readonly address: Address;
  /** Identity of a series of create attempts: renewed only after a look-up proved that the former one left nothing. */
  readonly opId: string;
}

/** Keys of the ownership labels. They satisfy the narrowest limits of all clouds: keys to 32 characters, values to 63 of a-z, 0-9, `.` and `-`. */
export const LABEL = {
  managed: 'provisioning/managed',
  workspace: 'provisioning/workspace',
  lineage: 'provisioning/lineage',
  address: 'provisioning/address',
  operation: 'provisioning/operation',
} as const;

/** `shop@prod` as a label value: `shop.prod`. */
export function workspaceLabel(key: WorkspaceKey): string {
  return key.replace('@', '.');
}

/** `server/web-1` as a label value: `server.web-1`; null when it would be longer than 63 characters. */
function addressLabel(address: Address): string | null {
  const text = `${kindOf(address)}.${nameOf(address)}`;
  return text.length <= 63 ? text : null;
}

/** The labels that say whose an object is. The address is left out when it is too long for a label. */
export function ownerLabels(owner: Owner): { readonly [key: string]: string } {
  const address = addressLabel(owner.address);
  return {
    [LABEL.managed]: 'true',
    [LABEL.workspace]: workspaceLabel(owner.workspace),
    [LABEL.lineage]: owner.lineage,
    [LABEL.operation]: owner.opId,
    ...(address === null ? {} : { [LABEL.address]: address }),
  };
}

/** The owner written in an object's labels; null when it carries none of ours. An address that was too long for a label is empty. */
export function ownerOf(labels: { readonly [key: string]: string }): Owner | null {
  const workspace = labels[LABEL.workspace];
  const lineage = labels[LABEL.lineage];
  const opId = labels[LABEL.operation];
  if (workspace === undefined || lineage === undefined || opId === undefined) return null;
  const label = labels[LABEL.address] ?? '';
  const dot = label.lastIndexOf('.');
  const address = dot > 0 ? `${label.slice(0, dot)}/${label.slice(dot + 1)}` : '';
  return { workspace: workspace.replace('.', '@'), lineage, address, opId };
}

/** The name an object gets in the cloud: `shop-prod-web-1`, so that two workspaces can share an account. Cut to 63 characters with the operation id at the end. */
export function cloudName(owner: Owner): string {
  const name = `${owner.workspace.replace('@', '-')}-${nameOf(owner.address)}`;
  return name.length <= 63 ? name : `${name.slice(0, 54)}-${owner.opId.slice(-8)}`;
}
