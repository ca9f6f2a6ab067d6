import type { FakeAws } from '../../fakes/aws/cloud.ts';
import { text } from '../../fakes/aws/input.ts';
import type { Fields } from '../../fakes/aws/model.ts';
import { live } from '../../fakes/aws/objects.ts';
import type { KindName } from '../../../schemas/name.ts';
import type { Spec } from '../../../schemas/resource.ts';

interface Foreign {
  readonly kind: KindName;
  readonly name: string;
  readonly spec: Spec;
  readonly labels: { readonly [key: string]: string };
}

/** Makes an object as another client would, past the network and the ledger; returns its id. */
export function foreignObject(cloud: FakeAws, now: number, { kind, name, spec, labels }: Foreign): string {
  const { state } = cloud;
  const act = (action: string, input: Fields): Fields => cloud.act(action, input, now);
  const field = (one: string): string => String(spec[one]);
  const tags = Object.entries(labels).map(([Key, Value]) => ({ Key, Value }));
  const tagged = (more: Fields = {}): Fields => ({ ...more, TagSpecifications: [{ Tags: tags }] });
  const titled = (more: Fields): Fields => ({
    ...more,
    TagSpecifications: [{ Tags: [...tags, { Key: 'Name', Value: name }] }],
  });
  const made: { readonly [kind: KindName]: () => string } = {
    'ssh-key': () =>
      text(act('ImportKeyPair', tagged({ KeyName: name, PublicKeyMaterial: field('publicKey') })), 'KeyPairId'),
    network() {
      const id = idIn(act('CreateVpc', titled({ CidrBlock: field('ipRange') })), 'Vpc', 'VpcId');
      const gateway = idIn(act('CreateInternetGateway', {}), 'InternetGateway', 'InternetGatewayId');
      act('AttachInternetGateway', { InternetGatewayId: gateway, VpcId: id });
      return id;
    },
    subnet() {
      const input = { VpcId: field('network'), CidrBlock: field('ipRange'), AvailabilityZone: field('zone') };
      return idIn(act('CreateSubnet', titled(input)), 'Subnet', 'SubnetId');
    },
    firewall() {
      const VpcId = live(state.vpcs).at(-1)?.id;
      return text(act('CreateSecurityGroup', tagged({ GroupName: name, Description: 'by hand', VpcId })), 'GroupId');
    },
    'placement-group': () =>
      idIn(act('CreatePlacementGroup', tagged({ GroupName: name, Strategy: 'spread' })), 'PlacementGroup', 'GroupId'),
    'floating-ip'() {
      const id = text(act('AllocateAddress', titled({})), 'AllocationId');
      if (spec['server'] !== undefined)
        act('AssociateAddress', { AllocationId: id, InstanceId: field('server'), AllowReassociation: true });
      return id;
    },
    server: () => server(cloud, now, titled(serverInput(cloud, spec))),
    volume() {
      const input = { AvailabilityZone: field('zone'), Size: spec['sizeGib'], VolumeType: 'gp3' };
      const id = text(act('CreateVolume', titled(input)), 'VolumeId');
      const Device = `/dev/sd${'fghijklmno'.charAt(live(state.volumes).length - 1)}`;
      if (spec['server'] !== undefined) act('AttachVolume', { VolumeId: id, InstanceId: field('server'), Device });
      return id;
    },
    'load-balancer'() {
      // With the same settings as ours: AWS would take a create of ours for this one.
      const input = {
        Scheme: 'internet-facing',
        Name: name,
        Type: 'network',
        Subnets: [field('subnet')],
        Tags: tags,
      };
      const { LoadBalancers } = act('CreateLoadBalancer', input) as { LoadBalancers: Fields[] };
      return text(LoadBalancers[0] ?? {}, 'LoadBalancerArn');
    },
  };
  const create = made[kind];
  if (create === undefined) throw new TypeError(`AWS has no ${kind}`);
  return create();
}

function idIn(answer: Fields, field: string, id: string): string {
  return text(answer[field] as Fields, id);
}

function serverInput({ state }: FakeAws, spec: Spec): Fields {
  const [key = ''] = (spec['sshKeys'] ?? []) as readonly string[];
  const card = { DeviceIndex: 0, SubnetId: spec['subnet'], Groups: spec['firewalls'], AssociatePublicIpAddress: true };
  return {
    MinCount: 1,
    MaxCount: 1,
    InstanceType: spec['size'],
    ImageId: 'ami-00000000000000002',
    KeyName: state.keys[key]?.name,
    NetworkInterfaces: [card],
  };
}

function server(cloud: FakeAws, now: number, input: Fields): string {
  const { Instances } = cloud.act('RunInstances', input, now) as { Instances: Fields[] };
  return text(Instances[0] ?? {}, 'InstanceId');
}
