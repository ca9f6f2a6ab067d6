import { z } from 'zod';
import type { CreateRequest, Observed } from '../../schemas/provider.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import { assertOffered } from '../transport/fault.ts';
import { invalid } from './account.ts';
import { type Call, ec2 } from './client.ts';
import { instances } from './instances.ts';
import type { Goal } from '../course/goal.ts';
import type { AwsKind, Sighting, Step, Where } from './kind.ts';
import { Id, Word, allPages, eachFilter, filtersFor, listOf } from './pages.ts';
import { Nothing } from './retag.ts';
import { unlessGone } from './settle.ts';
import { Tags, newTags } from './tags.ts';
import { REFUSALS } from './refusals.ts';

const Volume = z.object({
  VolumeId: Id,
  Size: z.int().min(0),
  State: Word,
  AvailabilityZone: Word,
  VolumeType: Word,
  CreateTime: z.date().nullish(),
  Attachments: listOf(z.object({ InstanceId: Word, State: Word, DeleteOnTermination: z.boolean().nullish() })),
  Tags,
});
type Volume = z.infer<typeof Volume>;

interface Facts {
  readonly state: string;
  /** Servers it is attached to or on its way to or from. */
  readonly attachments: readonly { readonly server: string; readonly state: string }[];
}

/** The kinds of disks in our words. What is made is always of the first type of its row. */
const TYPES: { readonly [type: string]: readonly string[] } = {
  ssd: ['gp3', 'gp2', 'io1', 'io2'],
  hdd: ['st1', 'sc1', 'standard'],
};
const PHASES: { readonly [state: string]: Observed['phase'] } = {
  available: 'ready',
  'in-use': 'ready',
  deleting: 'deleting',
  error: 'failed',
};

async function volumes(call: Call, where: Where): Promise<readonly Volume[]> {
  const reply = z.object({ Volumes: listOf(Volume), NextToken: Word });
  return eachFilter(filtersFor(where, { id: 'volume-id' }), Filters =>
    allPages(
      call,
      (volume: Volume) => volume.VolumeId,
      async NextToken => {
        const page = await ec2(call, 'DescribeVolumes', { Filters, NextToken, MaxResults: 1_000 }, reply);
        return { items: page.Volumes, next: page.NextToken };
      },
    ),
  );
}

/** EBS volumes. */
export const volume: AwsKind<Facts> = {
  tagger: 'ec2',
  async sight(call, _account, where) {
    const all = await volumes(call, where);
    // A disk that goes with its server is a part of the server.
    const isOwn = (one: Volume): boolean => !one.Attachments.some(item => item.DeleteOnTermination === true);
    return (where.by === 'all' ? all.filter(isOwn) : all).map(sighted);
  },
  async create(call, _account, request) {
    const { sizeGib, type } = request.spec;
    assertOffered(REFUSALS.volume(request.spec), call.what);
    const input = {
      AvailabilityZone: await zoneFor(call, request),
      Size: Number(sizeGib),
      VolumeType: (TYPES[String(type ?? 'ssd')]?.[0] ?? 'gp3') as 'gp3' | 'st1',
      Encrypted: true,
      ClientToken: request.owner.opId,
      TagSpecifications: [{ ResourceType: 'volume' as const, Tags: newTags(request) }],
    };
    return (await ec2(call, 'CreateVolume', input, z.object({ VolumeId: Id }), { main: true })).VolumeId;
  },
  async converge(call, _account, seen, goal) {
    if (seen.phase === 'pending') return 'wait';
    const size = await grown(call, seen, goal);
    if (size !== 'done' || !goal.fields.includes('server')) return size;
    return moved(call, seen, (goal.spec['server'] ?? null) as string | null);
  },
  async remove(call, _account, seen) {
    if (seen.phase === 'deleting') return 'wait';
    const step = await moved(call, seen, null);
    if (step !== 'done') return step;
    await unlessGone(ec2(call, 'DeleteVolume', { VolumeId: seen.id }, Nothing, { main: true }));
    return 'done';
  },
};

/** A volume is in one zone: the one that the files say, or the one of its server. */
async function zoneFor(call: Call, { spec }: CreateRequest): Promise<string> {
  if (spec['zone'] !== undefined) return String(spec['zone']);
  const [server] =
    spec['server'] === undefined ? [] : await instances(call, { by: 'ids', ids: [String(spec['server'])] });
  const zone = server?.Placement?.AvailabilityZone ?? undefined;
  if (zone !== undefined) return zone;
  throw invalid(call.what, 'zone_missing', 'a volume needs a zone, or a server whose zone it can have');
}

/** A volume that is being changed keeps its old size in view; a second change would be refused. */
async function grown(call: Call, seen: Sighting<Facts>, goal: Goal): Promise<Step> {
  const wanted = goal.fields.includes('sizeGib') ? Number(goal.spec['sizeGib']) : 0;
  if (!(wanted > Number(seen.spec['sizeGib']))) return 'done';
  const reply = z.object({
    VolumesModifications: listOf(z.object({ ModificationState: Word, TargetSize: z.int().nullish() })),
  });
  const filters = { Filters: [{ Name: 'volume-id', Values: [seen.id] }] };
  const { VolumesModifications } = await ec2(call, 'DescribeVolumesModifications', filters, reply);
  const isRunning = VolumesModifications.some(
    one =>
      one.TargetSize === wanted && (one.ModificationState === 'modifying' || one.ModificationState === 'optimizing'),
  );
  if (isRunning) return 'wait';
  await ec2(call, 'ModifyVolume', { VolumeId: seen.id, Size: wanted }, Nothing);
  return 'wrote';
}

/** Lets go of the wrong server first, and then attaches to the right one. */
async function moved(call: Call, seen: Sighting<Facts>, wanted: string | null): Promise<Step> {
  const { attachments } = seen.facts;
  const wrong = attachments.find(one => one.server !== wanted);
  if (wrong !== undefined) {
    if (wrong.state === 'detaching') return 'wait';
    await ec2(call, 'DetachVolume', { VolumeId: seen.id, InstanceId: wrong.server }, Nothing);
    return 'wrote';
  }
  const right = attachments.find(one => one.server === wanted);
  if (right !== undefined) return right.state === 'attached' ? 'done' : 'wait';
  if (wanted === null) return seen.facts.state === 'in-use' ? 'wait' : 'done';
  return attached(call, seen.id, wanted);
}

/** Device names that AWS recommends for data volumes. */
const DEVICES = [...'fghijklmnop'].map(letter => `/dev/sd${letter}`);

/** The first free device name. When another volume was faster, the next look takes another name. */
async function attached(call: Call, VolumeId: string, InstanceId: string): Promise<Step> {
  const used = async (): Promise<readonly string[]> => {
    const [server] = await instances(call, { by: 'ids', ids: [InstanceId] });
    return (server?.BlockDeviceMappings ?? []).map(one => one.DeviceName ?? '');
  };
  const before = await used();
  const Device = DEVICES.find(device => !before.includes(device));
  if (Device === undefined) throw invalid(call.what, 'no_device', 'the server has no room for another volume');
  try {
    await ec2(call, 'AttachVolume', { VolumeId, InstanceId, Device }, Nothing);
    return 'wrote';
  } catch (error) {
    const isTaken =
      error instanceof ProviderFault && error.error.class === 'invalid-input' && (await used()).includes(Device);
    if (isTaken) return 'wait';
    throw error;
  }
}

function sighted(one: Volume): Sighting<Facts> {
  const attachments = one.Attachments.filter(item => item.State !== 'detached' && (item.InstanceId ?? '') !== '').map(
    item => ({ server: String(item.InstanceId), state: item.State ?? '' }),
  );
  const server = attachments.find(item => item.state !== 'detaching')?.server ?? null;
  const type = Object.keys(TYPES).find(word => TYPES[word]?.includes(one.VolumeType ?? ''));
  return {
    id: one.VolumeId,
    tags: one.Tags,
    nativeName: one.VolumeId,
    spec: {
      sizeGib: one.Size,
      zone: one.AvailabilityZone ?? '',
      server,
      ...(type === undefined ? {} : { type }),
    },
    outputs: { device: server === null ? null : deviceOf(one.VolumeId) },
    phase: PHASES[one.State ?? ''] ?? 'pending',
    ended: one.State === 'deleted',
    createdAt: one.CreateTime?.getTime() ?? 0,
    attached: attachments.length > 0,
    carriers: [one.VolumeId],
    facts: { state: one.State ?? '', attachments },
  };
}

/** Where a server of the Nitro system finds the volume, whatever name it was attached under. */
function deviceOf(id: string): string {
  return `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${id.replace('-', '')}`;
}
