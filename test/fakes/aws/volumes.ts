import { instanceOf } from './instances.ts';
import { isSet, maybeNumber, maybeText, text } from './input.ts';
import { type Actions, type Fields, Refusal, type State, type Turn, type Volume } from './model.ts';
import { zoneOf } from './networks.ts';
import { assertRoom, drop, known, later, live, make, newId, shown, tagSet, tagsIn } from './objects.ts';
import { filterOf, page } from './pages.ts';

const volumeOf = (state: State, id: string): Volume => known(state.volumes, id, 'InvalidVolume.NotFound');

/** Fewest and most GiB of each type. */
const SIZES: { readonly [kind: string]: readonly [number, number] } = {
  gp2: [1, 16_384],
  gp3: [1, 16_384],
  st1: [125, 16_384],
  sc1: [125, 16_384],
};

export const VOLUMES: Actions = {
  CreateVolume(turn) {
    const { state, input } = turn;
    const token = maybeText(input, 'ClientToken') ?? newId(state, 'token');
    const request = JSON.stringify(input);
    const twin = Object.values(state.volumes).find(one => one.token === token);
    if (twin !== undefined && twin.request !== request) throw new Refusal('IdempotentParameterMismatch');
    const volume = twin ?? created(turn, token, request);
    return { VolumeId: volume.id, Size: volume.size, State: volume.state, AvailabilityZone: volume.zone };
  },
  DescribeVolumes(turn) {
    const fits = filterOf<Volume>(turn.input, { 'volume-id': one => one.id, status: one => one.state });
    const found = shown(turn, turn.state.volumes).filter(fits);
    return page(turn, found, { field: 'Volumes', sizes: [5, 1_000], show: shownVolume });
  },
  AttachVolume(turn) {
    const { state, input } = turn;
    const volume = volumeOf(state, text(input, 'VolumeId'));
    const instance = instanceOf(state, text(input, 'InstanceId'));
    const device = text(input, 'Device');
    if (volume.instance !== null) throw new Refusal('VolumeInUse');
    if (volume.state !== 'available') throw new Refusal('IncorrectState');
    if (instance.state !== 'running' && instance.state !== 'stopped') throw new Refusal('IncorrectState');
    if (volume.zone !== instance.zone) throw new Refusal('InvalidVolume.ZoneMismatch');
    const isTaken = live(state.volumes).some(one => one.instance === instance.id && one.device === device);
    if (isTaken || !/^\/dev\/(?:sd|xvd)[b-z]$/.test(device)) throw new Refusal('InvalidParameterValue');
    const during = { instance: instance.id, device, attachment: 'attaching', state: 'in-use' };
    later<Volume>(turn, volume, during, { attachment: 'attached' });
    return { VolumeId: volume.id, InstanceId: instance.id, Device: device, State: volume.attachment };
  },
  DetachVolume(turn) {
    const volume = volumeOf(turn.state, text(turn.input, 'VolumeId'));
    const wanted = maybeText(turn.input, 'InstanceId');
    if (volume.instance === null || volume.attachment === 'detaching') throw new Refusal('IncorrectState');
    if (wanted !== undefined && wanted !== volume.instance) throw new Refusal('InvalidAttachment.NotFound');
    const after = { instance: null, device: null, attachment: null, state: 'available' };
    later<Volume>(turn, volume, { attachment: 'detaching' }, after);
    return { VolumeId: volume.id, State: 'detaching' };
  },
  ModifyVolume(turn) {
    const { state, input, now } = turn;
    const volume = volumeOf(state, text(input, 'VolumeId'));
    const size = maybeNumber(input, 'Size') ?? volume.size;
    if (volume.modification !== null && volume.modification.state !== 'completed')
      throw new Refusal('IncorrectModificationState');
    if (size < volume.size) throw new Refusal('InvalidParameterValue');
    assertSize(volume.kind, size);
    volume.modification = { state: 'modifying', size, at: now + turn.settings.actionMs };
    settleVolume(volume, now, turn.settings.actionMs);
    return { VolumeModification: { VolumeId: volume.id, ModificationState: 'modifying', TargetSize: size } };
  },
  DescribeVolumesModifications(turn) {
    const fits = filterOf<Volume>(turn.input, { 'volume-id': one => one.id });
    const found = shown(turn, turn.state.volumes).filter(one => one.modification !== null && fits(one));
    return page(turn, found, {
      field: 'VolumesModifications',
      sizes: [5, 1_000],
      show: one => ({
        VolumeId: one.id,
        ModificationState: one.modification?.state,
        TargetSize: one.modification?.size,
      }),
    });
  },
  DeleteVolume(turn) {
    const volume = volumeOf(turn.state, text(turn.input, 'VolumeId'));
    if (volume.instance !== null) throw new Refusal('VolumeInUse');
    drop(turn, volume);
    return {};
  },
};

function created(turn: Turn, token: string, request: string): Volume {
  const { state, settings, input, bend } = turn;
  const kind = maybeText(input, 'VolumeType') ?? 'gp2';
  const size = maybeNumber(input, 'Size') ?? 0;
  const zone = zoneOf(settings, text(input, 'AvailabilityZone'));
  assertSize(kind, size);
  assertRoom(turn, 'volumes');
  const own = {
    token,
    request,
    kind,
    size,
    zone,
    isEncrypted: isSet(input, 'Encrypted'),
    instance: null,
    device: null,
    attachment: null,
    modification: null,
    next: null,
    state: 'creating',
  };
  const volume = make(turn, state.volumes, { id: newId(state, 'vol'), tags: tagsIn(input), own });
  later<Volume>(turn, volume, {}, { state: bend.fails === true ? 'error' : 'available' });
  return volume;
}

function assertSize(kind: string, size: number): void {
  const [least, most] = SIZES[kind] ?? [1, 0];
  if (size < least || size > most) throw new Refusal('InvalidParameterValue');
}

/** A volume that grows has its new size before AWS is done with it. */
export function settleVolume(volume: Volume, now: number, actionMs: number): void {
  const { modification } = volume;
  if (modification === null || modification.at > now || modification.state === 'completed') return;
  volume.size = modification.size;
  const state = modification.state === 'modifying' ? 'optimizing' : 'completed';
  volume.modification = { state, size: modification.size, at: modification.at + actionMs };
  settleVolume(volume, now, actionMs);
}

function shownVolume(one: Volume): Fields {
  const attachment = { InstanceId: one.instance, Device: one.device, State: one.attachment, VolumeId: one.id };
  return {
    VolumeId: one.id,
    Size: one.size,
    State: one.state,
    AvailabilityZone: one.zone,
    VolumeType: one.kind,
    Encrypted: one.isEncrypted,
    CreateTime: one.createdAt,
    Attachments: one.instance === null ? [] : [{ ...attachment, DeleteOnTermination: false }],
    Tags: tagSet(one),
  };
}
