import { createHash } from 'node:crypto';
import { isSet, maybeText, text } from './input.ts';
import { type Actions, type Key, type Placement, Refusal } from './model.ts';
import { assertRoom, drop, live, make, newId, shown, tagSet, tagsIn } from './objects.ts';
import { filterOf } from './pages.ts';

export const KEYS: Actions = {
  ImportKeyPair(turn) {
    const { state, input } = turn;
    const name = text(input, 'KeyName');
    const publicKey = text(input, 'PublicKeyMaterial');
    if (!/^ssh-(?:ed25519|rsa) \S+/.test(publicKey)) throw new Refusal('InvalidKey.Format');
    if (live(state.keys).some(one => one.name === name)) throw new Refusal('InvalidKeyPair.Duplicate');
    const own = { name, publicKey };
    const key = make(turn, state.keys, { id: newId(state, 'key'), tags: tagsIn(input), own });
    return { KeyPairId: key.id, KeyName: name, KeyFingerprint: fingerprint(key), Tags: tagSet(key) };
  },
  DescribeKeyPairs(turn) {
    const { state, input } = turn;
    const fits = filterOf<Key>(input, { 'key-pair-id': one => one.id, 'key-name': one => one.name });
    const KeyPairs = shown(turn, state.keys)
      .filter(fits)
      .map(one => ({
        KeyPairId: one.id,
        KeyName: one.name,
        KeyFingerprint: fingerprint(one),
        KeyType: one.publicKey.startsWith('ssh-rsa') ? 'rsa' : 'ed25519',
        CreateTime: one.createdAt,
        PublicKey: isSet(input, 'IncludePublicKey') ? one.publicKey : undefined,
        Tags: tagSet(one),
      }));
    return { KeyPairs };
  },
  /** A key that is not there counts as deleted. */
  DeleteKeyPair(turn) {
    const { state, input } = turn;
    const id = maybeText(input, 'KeyPairId');
    const key = live(state.keys).find(one => one.id === id || one.name === maybeText(input, 'KeyName'));
    if (key !== undefined) drop(turn, key);
    return { Return: true, KeyPairId: id };
  },
};

function fingerprint({ publicKey }: Key): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return createHash('sha256').update(blob).digest('base64');
}

export const PLACEMENTS: Actions = {
  CreatePlacementGroup(turn) {
    const { state, input } = turn;
    const name = text(input, 'GroupName');
    if (live(state.placements).some(one => one.name === name)) throw new Refusal('InvalidPlacementGroup.Duplicate');
    assertRoom(turn, 'placements');
    const own = { name, strategy: maybeText(input, 'Strategy') ?? 'cluster' };
    const made = make(turn, state.placements, { id: newId(state, 'pg'), tags: tagsIn(input), own });
    return { PlacementGroup: shownPlacement(made) };
  },
  DescribePlacementGroups(turn) {
    const fits = filterOf<Placement>(turn.input, { 'group-name': one => one.name });
    return { PlacementGroups: shown(turn, turn.state.placements).filter(fits).map(shownPlacement) };
  },
  DeletePlacementGroup(turn) {
    const { state, input } = turn;
    const group = live(state.placements).find(one => one.name === text(input, 'GroupName'));
    if (group === undefined) throw new Refusal('InvalidPlacementGroup.Unknown');
    const isUsed = live(state.instances).some(one => one.state !== 'terminated' && one.placement === group.id);
    if (isUsed) throw new Refusal('InvalidPlacementGroup.InUse');
    drop(turn, group);
    return {};
  },
};

function shownPlacement(one: Placement) {
  return { GroupId: one.id, GroupName: one.name, State: 'available', Strategy: one.strategy, Tags: tagSet(one) };
}
