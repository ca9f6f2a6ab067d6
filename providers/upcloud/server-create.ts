import { cloudName } from '../../schemas/owner.ts';
import type { CallContext, CreateRequest } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { cloudInitOf } from '../transport/cloud-init.ts';
import { HOST_KEY_LABEL, hostKeyFor } from '../transport/host-key.ts';
import type { Labels } from '../transport/labels.ts';
import { type Account, zoneFor } from './account.ts';
import { fault } from './faults.ts';
import { textOf, textsOf } from './fields.ts';
import { idLabels, labelPairs, MEMO, newLabels } from './labels.ts';
import type { StorageSummary } from './replies.ts';
import { compiledRules, rulesDigest } from './rules.ts';

const WHAT = 'create server';
/** The smallest disk that a server can boot from. */
const LEAST_GIB = 10;

/** The request that makes a server. It has everything in it that can be had at once, labels above all. */
export async function createServer(ctx: CallContext, account: Account, request: CreateRequest): Promise<object> {
  const { owner, spec } = request;
  const name = cloudName(owner);
  const image = await imageOf(ctx, account, textOf(spec, 'image') ?? '');
  const plan = (await account.shelf.plans(ctx)).find(one => one.name === spec['size']);
  const hostKey = hostKeyFor(account.credential, owner.opId);
  const rules = compiledRules(spec, request.virtual ?? {});
  const group = textOf(spec, 'placementGroup');
  return {
    server: {
      zone: zoneFor(account, spec, WHAT),
      title: name,
      hostname: name,
      plan: spec['size'],
      metadata: 'yes',
      user_data: cloudInitOf(hostKey, textOf(spec, 'userData')),
      password_delivery: 'none',
      remote_access_enabled: 'no',
      firewall: rules.length > 0 ? 'on' : 'off',
      login_user: {
        username: account.loginUser,
        create_password: 'no',
        ssh_keys: { ssh_key: publicKeys(spec, request.virtual ?? {}) },
      },
      storage_devices: {
        storage_device: [
          {
            action: 'clone',
            storage: image.uuid,
            title: `${name}-os`,
            size: Math.max(plan?.storage_size ?? 0, image.size, LEAST_GIB),
            tier: plan?.storage_tier ?? 'maxiops',
          },
        ],
      },
      networking: { interfaces: { interface: interfaces(spec) } },
      ...(group === undefined ? {} : { server_group: group }),
      labels: { label: labelPairs(newLabels(request, memoOf(account, spec, { hostKey: hostKey.label, rules }))) },
    },
  };
}

function memoOf(
  account: Account,
  spec: Spec,
  made: { readonly hostKey: string; readonly rules: ReturnType<typeof compiledRules> },
): Labels {
  const memo: { readonly [key: string]: string | null } = {
    ...idLabels(MEMO.sshKeys, 'ssh-key', textsOf(spec, 'sshKeys')),
    ...idLabels(MEMO.firewalls, 'firewall', textsOf(spec, 'firewalls')),
    [MEMO.rules]: made.rules.length > 0 ? rulesDigest(made.rules) : null,
    [MEMO.image]: textOf(spec, 'image') ?? '',
    [MEMO.loginUser]: account.loginUser,
    [HOST_KEY_LABEL]: made.hostKey,
  };
  return Object.fromEntries(Object.entries(memo).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** An image by its title, which is what people know, or by its id. */
async function imageOf(ctx: CallContext, account: Account, name: string): Promise<StorageSummary> {
  const templates = await account.shelf.templates(ctx);
  const found = templates.filter(template => template.title === name || template.uuid === name);
  const [image] = found;
  if (image !== undefined && found.length === 1) return image;
  const why = image === undefined ? 'there is no image with this title' : 'several images have this title';
  throw fault('invalid-input', 'image_unknown', WHAT, { why });
}

function publicKeys(spec: Spec, virtual: { readonly [id: string]: Spec }): readonly string[] {
  return textsOf(spec, 'sshKeys').map(id => {
    const key = textOf(virtual[id] ?? {}, 'publicKey');
    if (key !== undefined) return key;
    throw fault('invalid-input', 'ssh_key_unknown', WHAT, { why: 'an SSH key is not known' });
  });
}

/** A public address unless it is not wanted, a place in its subnet, and the inner network of UpCloud when it has neither. */
function interfaces(spec: Spec): readonly object[] {
  const subnet = textOf(spec, 'subnet');
  const address = { ip_addresses: { ip_address: [{ family: 'IPv4' }] } };
  const wanted = [
    ...(spec['publicIp'] === false ? [] : [{ type: 'public', ...address }]),
    ...(subnet === undefined ? [] : [{ type: 'private', network: subnet, ...address }]),
  ];
  return wanted.length > 0 ? wanted : [{ type: 'utility', ...address }];
}
