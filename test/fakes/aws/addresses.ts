import { instanceOf } from './instances.ts';
import { isSet, text } from './input.ts';
import { type Actions, type Address, Refusal, type State } from './model.ts';
import { isOnline } from './networks.ts';
import { assertRoom, drop, known, live, make, newId, shown, tagSet, tagsIn } from './objects.ts';
import { filterOf } from './pages.ts';

const addressOf = (state: State, id: string): Address => known(state.addresses, id, 'InvalidAllocationID.NotFound');

export const ADDRESSES: Actions = {
  AllocateAddress(turn) {
    const { state, input } = turn;
    assertRoom(turn, 'addresses');
    const id = newId(state, 'eipalloc');
    const own = { ip: `198.51.100.${(state.serial % 250) + 1}`, instance: null, association: null };
    const made = make(turn, state.addresses, { id, tags: tagsIn(input), own });
    return { AllocationId: made.id, PublicIp: made.ip, Domain: 'vpc' };
  },
  DescribeAddresses(turn) {
    const fits = filterOf<Address>(turn.input, { 'allocation-id': one => one.id, 'instance-id': one => one.instance });
    const Addresses = shown(turn, turn.state.addresses)
      .filter(fits)
      .map(one => ({
        AllocationId: one.id,
        PublicIp: one.ip,
        InstanceId: one.instance,
        AssociationId: one.association,
        Domain: 'vpc',
        Tags: tagSet(one),
      }));
    return { Addresses };
  },
  AssociateAddress({ state, input }) {
    const address = addressOf(state, text(input, 'AllocationId'));
    const instance = instanceOf(state, text(input, 'InstanceId'));
    if (instance.state !== 'running' && instance.state !== 'stopped') throw new Refusal('IncorrectInstanceState');
    if (!isOnline(state, instance.vpc)) throw new Refusal('Gateway.NotAttached');
    if (address.instance !== null && !isSet(input, 'AllowReassociation'))
      throw new Refusal('Resource.AlreadyAssociated');
    // A server has one such address; the one that it had is free again.
    for (const other of live(state.addresses)) if (other !== address && other.instance === instance.id) release(other);
    address.instance = instance.id;
    address.association = newId(state, 'eipassoc');
    return { AssociationId: address.association };
  },
  DisassociateAddress({ state, input }) {
    const association = text(input, 'AssociationId');
    const address = live(state.addresses).find(one => one.association === association);
    if (address === undefined) throw new Refusal('InvalidAssociationID.NotFound');
    release(address);
    return {};
  },
  ReleaseAddress(turn) {
    const address = addressOf(turn.state, text(turn.input, 'AllocationId'));
    if (address.association !== null) throw new Refusal('InvalidIPAddress.InUse');
    drop(turn, address);
    return {};
  },
};

function release(address: Address): void {
  address.instance = null;
  address.association = null;
}
