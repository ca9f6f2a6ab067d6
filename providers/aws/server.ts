import type { Observed } from '../../schemas/provider.ts';
import { hostKeyOf } from '../transport/host-key.ts';
import { type Call, ec2 } from './client.ts';
import { defaultGroup, groupsIn, primaryOf } from './firewall-copies.ts';
import { userOf } from './images.ts';
import { type Instance, instances } from './instances.ts';
import type { Goal } from '../course/goal.ts';
import type { AwsKind, Sighting, Step } from './kind.ts';
import { launch } from './launch.ts';
import { Nothing, dropTags, putTags } from './retag.ts';
import { unlessGone } from './settle.ts';
import { keyPairs } from './ssh-key.ts';
import { TAG } from './tags.ts';

interface Facts {
  readonly state: string;
  readonly size: string;
  readonly vpc: string | null;
  /** The security groups that it really has. */
  readonly groups: readonly string[];
}

const PHASES: { readonly [state: string]: Observed['phase'] } = {
  running: 'ready',
  stopped: 'ready',
  'shutting-down': 'deleting',
  terminated: 'deleting',
};
const BUSY: ReadonlySet<string> = new Set(['pending', 'stopping', 'shutting-down']);

/** Reasons for which a server ends before it ever ran. */
const FAILED: ReadonlySet<string> = new Set([
  'Client.InternalError',
  'Client.InvalidSnapshot.NotFound',
  'Client.VolumeLimitExceeded',
  'Server.InsufficientInstanceCapacity',
  'Server.InternalError',
]);

/** EC2 instances. */
export const server: AwsKind<Facts> = {
  tagger: 'ec2',
  async sight(call, _account, where) {
    const found = await instances(call, where);
    const keys = await keyIds(call, found);
    return found.map(one => sighted(one, keys));
  },
  create: launch,
  async converge(call, _account, seen, goal) {
    if (BUSY.has(seen.facts.state)) return 'wait';
    const step = await regrouped(call, seen, goal);
    return step === 'done' ? resized(call, seen, goal) : step;
  },
  async guard(call, _account, seen, protect) {
    const input = { InstanceId: seen.id, DisableApiTermination: { Value: protect } };
    await ec2(call, 'ModifyInstanceAttribute', input, Nothing);
  },
  async remove(call, _account, seen) {
    if (seen.facts.state === 'shutting-down') return 'wait';
    await unlessGone(ec2(call, 'TerminateInstances', { InstanceIds: [seen.id] }, Nothing, { main: true }));
    return seen.ended === true ? 'done' : 'wrote';
  },
};

/** Servers that others made name their key only by its name. */
async function keyIds(call: Call, found: readonly Instance[]): Promise<ReadonlyMap<string, string>> {
  const isUnknown = found.some(one => (one.KeyName ?? '') !== '' && one.Tags[TAG.sshKeys] === undefined);
  const pairs = isUnknown ? await keyPairs(call, { by: 'all' }) : [];
  return new Map(pairs.map(pair => [pair.KeyName, pair.KeyPairId]));
}

async function regrouped(call: Call, seen: Sighting<Facts>, goal: Goal): Promise<Step> {
  if (!goal.fields.includes('firewalls') || goal.verb === 'create') return 'done';
  const wanted = [...((goal.spec['firewalls'] ?? []) as readonly string[])].sort();
  if (JSON.stringify(wanted) === JSON.stringify(seen.spec['firewalls'])) return 'done';
  const { vpc } = seen.facts;
  // A server has at least one group: without any of ours it is the one that every network has.
  const Groups = wanted.length === 0 ? [await defaultGroup(call, vpc)] : await groupsIn(call, wanted, vpc);
  await ec2(call, 'ModifyInstanceAttribute', { InstanceId: seen.id, Groups: [...Groups] }, Nothing);
  return 'wrote';
}

/**
 * Stop, change, start. The tag with the former size is put on before the server is stopped and taken away when it runs
 * again: as long as it is there the server counts as not yet changed, so that a crash in between never leaves it off.
 */
async function resized(call: Call, seen: Sighting<Facts>, goal: Goal): Promise<Step> {
  const { state, size } = seen.facts;
  const former = seen.tags[TAG.formerSize];
  const wanted = goal.fields.includes('size') ? String(goal.spec['size']) : size;
  const InstanceIds = [seen.id];
  const carriers = { tagger: 'ec2', ids: InstanceIds } as const;
  if (size !== wanted) {
    if (state === 'running' && former === undefined) {
      await putTags(call, { ...carriers, tags: { [TAG.formerSize]: size } });
    } else if (state === 'running') {
      await ec2(call, 'StopInstances', { InstanceIds }, Nothing);
    } else if (state === 'stopped') {
      await ec2(call, 'ModifyInstanceAttribute', { InstanceId: seen.id, InstanceType: { Value: wanted } }, Nothing);
    } else {
      return 'wait';
    }
    return 'wrote';
  }
  if (former === undefined)
    return goal.verb !== 'create' || state === 'running' || state === 'stopped' ? 'done' : 'wait';
  if (state === 'stopped') await ec2(call, 'StartInstances', { InstanceIds }, Nothing);
  else if (state === 'running') await dropTags(call, { ...carriers, keys: [TAG.formerSize] });
  else return 'wait';
  return 'wrote';
}

function sighted(one: Instance, keys: ReadonlyMap<string, string>): Sighting<Facts> {
  const tags = one.Tags;
  const state = one.State?.Name ?? '';
  const isFailed = state === 'terminated' && FAILED.has(one.StateReason?.Code ?? '');
  const image = tags[TAG.image] ?? one.ImageId ?? '';
  return {
    id: one.InstanceId,
    tags,
    nativeName: one.InstanceId,
    spec: specOf(one, { image, keys }),
    outputs: {
      publicIp: one.PublicIpAddress ?? null,
      privateIp: one.PrivateIpAddress ?? null,
      hostKey: hostKeyOf(tags[TAG.hostKey]) ?? null,
      loginUser: userOf(image),
    },
    phase: isFailed ? 'failed' : (PHASES[state] ?? 'pending'),
    ended: state === 'terminated',
    busy: BUSY.has(state),
    createdAt: one.LaunchTime?.getTime() ?? 0,
    // Disks that outlive the server were attached later.
    attached: one.BlockDeviceMappings.some(disk => disk.Ebs?.DeleteOnTermination === false),
    carriers: [one.InstanceId],
    facts: {
      state,
      size: one.InstanceType ?? '',
      vpc: one.VpcId ?? null,
      groups: one.SecurityGroups.map(group => group.GroupId),
    },
  };
}

function specOf(one: Instance, given: { readonly image: string; readonly keys: ReadonlyMap<string, string> }) {
  const tags = one.Tags;
  const keyId = given.keys.get(one.KeyName ?? '');
  const sshKeys = tags[TAG.sshKeys]?.split(' ').filter(id => id !== '') ?? (keyId === undefined ? [] : [keyId]);
  const groupId = one.Placement?.GroupId ?? '';
  const publicIp = publicIpOf(one);
  const firewalls = one.SecurityGroups.flatMap(group => primaryOf(group) ?? []);
  return {
    size: tags[TAG.formerSize] ?? one.InstanceType ?? '',
    image: given.image,
    zone: one.Placement?.AvailabilityZone ?? '',
    sshKeys: sshKeys.sort(),
    firewalls: [...new Set(firewalls)].sort(),
    ...(one.SubnetId === undefined || one.SubnetId === null ? {} : { subnet: one.SubnetId }),
    ...(groupId === '' ? {} : { placementGroup: groupId }),
    ...(publicIp === undefined ? {} : { publicIp }),
  };
}

/** Whether it was started with a public address. A server that is stopped has none, so that its own tag is believed first. */
function publicIpOf(one: Instance): boolean | undefined {
  const told = one.Tags[TAG.publicIp];
  if (told !== undefined) return told === 'true';
  if (one.State?.Name !== 'running') return undefined;
  return (one.PublicIpAddress ?? '') !== '';
}
