import type { KindName } from '../../schemas/name.ts';
import type { KindCapability, Refusal } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { Machine } from './config.ts';

/** Fields of a server that say how one is made. A machine is as it is. */
const MAKING: readonly string[] = ['zone', 'sshKeys', 'subnet', 'firewalls', 'placementGroup', 'publicIp', 'userData'];

/**
 * A server is a claim that the record keeps: nothing is written on the machine, and nothing is asked of it. Its address
 * can change, so that whatever refers to it is known only when the change was made.
 */
const CLAIM: KindCapability = {
  idempotency: 'label-scan',
  visibleAfterMs: 0,
  virtual: true,
  outputs: outputsOf,
  refuses,
  override: {
    fields: { size: { effect: 'replace', exclusive: true }, image: { effect: 'live' } },
    outputs: {
      publicIp: { lifetime: 'volatile' },
      privateIp: { lifetime: 'volatile' },
      loginUser: { lifetime: 'volatile' },
      hostKey: { lifetime: 'volatile' },
    },
    holdsData: false,
  },
};

export function capability(kind: KindName): KindCapability | undefined {
  return kind === 'server' ? CLAIM : undefined;
}

/** What is known of a claimed machine: everything stands in the spec, which holds its entry of the workspace file. */
function outputsOf({ machine }: Spec): ReturnType<NonNullable<KindCapability['outputs']>> {
  const { address, privateAddress = address, hostKey, user, port } = Machine.parse(machine);
  return { publicIp: address, privateIp: privateAddress, loginUser: user, hostKey, sshPort: port };
}

function refuses(spec: Spec): Refusal | undefined {
  const field = MAKING.find(name => spec[name] !== undefined && spec[name] !== null);
  if (field === undefined) return undefined;
  const why = `a machine that exists already is not made, so \`${field}\` cannot be decided: leave it out`;
  return { code: 'not_made', field, why };
}
