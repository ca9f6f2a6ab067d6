import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAws } from '../../fakes/aws/cloud.ts';
import { type Served, serve } from '../../fakes/serve.ts';
import { hasMoto, startMoto } from './moto-server.ts';
import { KEY } from './objects.ts';

/** Fields of a form; `{name}` stands for the id that a step of that name gave. */
type Form = { readonly [field: string]: string };

interface Step {
  readonly action: string;
  readonly form: Form;
  /** What to call the id of what was made. */
  readonly as?: string;
}

const EC2 = '2016-11-15';
const ELB = '2015-12-01';
const ELB_ACTIONS = /LoadBalancer|TargetGroup|Listener|Targets/;
const KEY_TEXT = Buffer.from(`${KEY} demo`).toString('base64');
const permission = (cidr: string): Form => ({
  'IpPermissions.1.IpProtocol': 'tcp',
  'IpPermissions.1.FromPort': '22',
  'IpPermissions.1.ToPort': '22',
  'IpPermissions.1.IpRanges.1.CidrIp': cidr,
});

/** What there is before anything is refused. */
const SITE: readonly Step[] = [
  { action: 'CreateVpc', form: { CidrBlock: '10.1.0.0/16' }, as: 'vpc' },
  { action: 'CreateInternetGateway', form: {}, as: 'igw' },
  { action: 'AttachInternetGateway', form: { InternetGatewayId: '{igw}', VpcId: '{vpc}' } },
  { action: 'CreateInternetGateway', form: {}, as: 'spare' },
  {
    action: 'CreateSubnet',
    form: { VpcId: '{vpc}', CidrBlock: '10.1.1.0/24', AvailabilityZone: 'us-east-1a' },
    as: 'subnet',
  },
  { action: 'CreateSecurityGroup', form: { GroupName: 'web', GroupDescription: 'web', VpcId: '{vpc}' }, as: 'sg' },
  { action: 'AuthorizeSecurityGroupIngress', form: { GroupId: '{sg}', ...permission('10.0.0.0/8') } },
  { action: 'ImportKeyPair', form: { KeyName: 'demo', PublicKeyMaterial: KEY_TEXT }, as: 'key' },
  {
    action: 'RunInstances',
    form: {
      MinCount: '1',
      MaxCount: '1',
      InstanceType: 't3.micro',
      ImageId: 'ami-12c6146b',
      'NetworkInterface.1.DeviceIndex': '0',
      'NetworkInterface.1.SubnetId': '{subnet}',
      'NetworkInterface.1.SecurityGroupId.1': '{sg}',
    },
    as: 'i',
  },
  { action: 'CreateVolume', form: { AvailabilityZone: 'us-east-1a', Size: '10', VolumeType: 'gp3' }, as: 'vol' },
  { action: 'CreateVolume', form: { AvailabilityZone: 'us-east-1b', Size: '10', VolumeType: 'gp3' }, as: 'far' },
  { action: 'AttachVolume', form: { VolumeId: '{vol}', InstanceId: '{i}', Device: '/dev/sdf' } },
  { action: 'AllocateAddress', form: { Domain: 'vpc' }, as: 'eip' },
  {
    action: 'CreateLoadBalancer',
    form: { Name: 'front', Type: 'network', 'Subnets.member.1': '{subnet}' },
    as: 'lb',
  },
  {
    action: 'CreateTargetGroup',
    form: { Name: 'back', Protocol: 'TCP', Port: '80', VpcId: '{vpc}', TargetType: 'instance' },
    as: 'tg',
  },
  {
    action: 'CreateListener',
    form: {
      LoadBalancerArn: '{lb}',
      Protocol: 'TCP',
      Port: '80',
      'DefaultActions.member.1.Type': 'forward',
      'DefaultActions.member.1.TargetGroupArn': '{tg}',
    },
    as: 'listener',
  },
];

const ABSENT = '0123456789abcdef0';

/** What AWS refuses, by the code that both models must have for it. Lax: moto does as it is told. */
const REFUSALS: readonly (Step & { readonly code: string; readonly isLax?: true })[] = [
  { action: 'CreateVpc', form: { CidrBlock: '10.0.0.0/8' }, code: 'InvalidVpc.Range' },
  { action: 'CreateSubnet', form: { VpcId: `vpc-${ABSENT}`, CidrBlock: '10.1.2.0/24' }, code: 'InvalidVpcID.NotFound' },
  { action: 'CreateSubnet', form: { VpcId: '{vpc}', CidrBlock: '10.1.1.0/25' }, code: 'InvalidSubnet.Conflict' },
  { action: 'CreateSubnet', form: { VpcId: '{vpc}', CidrBlock: '10.2.1.0/24' }, code: 'InvalidSubnet.Range' },
  { action: 'DeleteSubnet', form: { SubnetId: `subnet-${ABSENT}` }, code: 'InvalidSubnetID.NotFound' },
  { action: 'DeleteVpc', form: { VpcId: '{vpc}' }, code: 'DependencyViolation' },
  { action: 'DeleteVpc', form: { VpcId: `vpc-${ABSENT}` }, code: 'InvalidVpcID.NotFound' },
  {
    action: 'AttachInternetGateway',
    form: { InternetGatewayId: '{spare}', VpcId: `vpc-${ABSENT}` },
    code: 'InvalidVpcID.NotFound',
  },
  {
    action: 'AttachInternetGateway',
    form: { InternetGatewayId: '{igw}', VpcId: '{vpc}' },
    code: 'Resource.AlreadyAssociated',
  },
  {
    action: 'DetachInternetGateway',
    form: { InternetGatewayId: '{spare}', VpcId: '{vpc}' },
    code: 'Gateway.NotAttached',
  },
  { action: 'DeleteInternetGateway', form: { InternetGatewayId: '{igw}' }, code: 'DependencyViolation' },
  {
    action: 'DeleteInternetGateway',
    form: { InternetGatewayId: `igw-${ABSENT}` },
    code: 'InvalidInternetGatewayID.NotFound',
  },
  {
    action: 'CreateSecurityGroup',
    form: { GroupName: 'web', GroupDescription: 'again', VpcId: '{vpc}' },
    code: 'InvalidGroup.Duplicate',
  },
  {
    action: 'AuthorizeSecurityGroupIngress',
    form: { GroupId: '{sg}', ...permission('10.0.0.0/8') },
    code: 'InvalidPermission.Duplicate',
  },
  {
    action: 'RevokeSecurityGroupIngress',
    form: { GroupId: '{sg}', ...permission('192.0.2.0/24') },
    code: 'InvalidPermission.NotFound',
  },
  { action: 'DeleteSecurityGroup', form: { GroupId: `sg-${ABSENT}` }, code: 'InvalidGroup.NotFound' },
  { action: 'DeleteSecurityGroup', form: { GroupId: '{sg}' }, code: 'DependencyViolation', isLax: true },
  {
    action: 'ImportKeyPair',
    form: { KeyName: 'demo', PublicKeyMaterial: KEY_TEXT },
    code: 'InvalidKeyPair.Duplicate',
  },
  {
    action: 'ImportKeyPair',
    form: { KeyName: 'bad', PublicKeyMaterial: Buffer.from('no key').toString('base64') },
    code: 'InvalidKey.Format',
    isLax: true,
  },
  {
    action: 'RunInstances',
    form: {
      MinCount: '1',
      MaxCount: '1',
      InstanceType: 't3.micro',
      ImageId: 'ami-12c6146b',
      'NetworkInterface.1.DeviceIndex': '0',
      'NetworkInterface.1.SubnetId': `subnet-${ABSENT}`,
    },
    code: 'InvalidSubnetID.NotFound',
  },
  { action: 'TerminateInstances', form: { 'InstanceId.1': `i-${ABSENT}` }, code: 'InvalidInstanceID.NotFound' },
  { action: 'StopInstances', form: { 'InstanceId.1': `i-${ABSENT}` }, code: 'InvalidInstanceID.NotFound' },
  {
    action: 'ModifyInstanceAttribute',
    form: { InstanceId: '{i}', 'InstanceType.Value': 't3.large' },
    code: 'IncorrectInstanceState',
    isLax: true,
  },
  {
    action: 'CreateTags',
    form: { 'ResourceId.1': '{i}', 'Tag.1.Key': 'aws:own', 'Tag.1.Value': 'x' },
    code: 'InvalidParameterValue',
    isLax: true,
  },
  { action: 'DeleteVolume', form: { VolumeId: '{vol}' }, code: 'VolumeInUse' },
  { action: 'DeleteVolume', form: { VolumeId: `vol-${ABSENT}` }, code: 'InvalidVolume.NotFound' },
  {
    action: 'AttachVolume',
    form: { VolumeId: '{far}', InstanceId: '{i}', Device: '/dev/sdg' },
    code: 'InvalidVolume.ZoneMismatch',
    isLax: true,
  },
  { action: 'DetachVolume', form: { VolumeId: '{far}', InstanceId: '{i}' }, code: 'IncorrectState', isLax: true },
  { action: 'ReleaseAddress', form: { AllocationId: `eipalloc-${ABSENT}` }, code: 'InvalidAllocationID.NotFound' },
  {
    action: 'DisassociateAddress',
    form: { AssociationId: `eipassoc-${ABSENT}` },
    code: 'InvalidAssociationID.NotFound',
  },
  {
    action: 'CreateLoadBalancer',
    form: { Name: 'front', Type: 'network', Scheme: 'internal', 'Subnets.member.1': '{subnet}' },
    code: 'DuplicateLoadBalancerName',
    isLax: true,
  },
  {
    action: 'CreateTargetGroup',
    form: { Name: 'back', Protocol: 'TCP', Port: '81', VpcId: '{vpc}', TargetType: 'instance' },
    code: 'DuplicateTargetGroupName',
  },
  {
    action: 'CreateTargetGroup',
    form: { Name: 'x'.repeat(33), Protocol: 'TCP', Port: '81', VpcId: '{vpc}', TargetType: 'instance' },
    code: 'ValidationError',
  },
  {
    action: 'CreateListener',
    form: {
      LoadBalancerArn: '{lb}',
      Protocol: 'TCP_UDP',
      Port: '80',
      'DefaultActions.member.1.Type': 'forward',
      'DefaultActions.member.1.TargetGroupArn': '{tg}',
    },
    code: 'DuplicateListener',
    isLax: true,
  },
  { action: 'DeleteTargetGroup', form: { TargetGroupArn: '{tg}' }, code: 'ResourceInUse' },
  { action: 'DescribeListeners', form: { LoadBalancerArn: '{lb}x' }, code: 'LoadBalancerNotFound' },
  { action: 'DeleteListener', form: { ListenerArn: '{listener}x' }, code: 'ListenerNotFound' },
];

/** Asks one model, and returns the code of its refusal, empty when it did as it was told. */
function client(url: string) {
  const ids = new Map<string, string>();
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (_all, name: string) => ids.get(name) ?? '');
  return async ({ action, form, as }: Step): Promise<string> => {
    const isElb = ELB_ACTIONS.test(action);
    const fields = Object.entries(form).map(([field, value]): [string, string] => [field, filled(value)]);
    const body = new URLSearchParams([['Action', action], ['Version', isElb ? ELB : EC2], ...fields]).toString();
    const service = isElb ? 'elasticloadbalancing' : 'ec2';
    // What is signed is of no matter here; the scope tells moto which service is meant.
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIATEST/20270115/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(`${url}/`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (as !== undefined) ids.set(as, PREFIXES[as]?.exec(text)?.[1] ?? '');
    return /<Code>([\w.]+)<\/Code>/.exec(/<Error>[\s\S]*<\/Error>/.exec(text)?.[0] ?? '')?.[1] ?? '';
  };
}

/** Ids as they look in an answer, which may hold ids of several sorts. */
const PREFIXES: { readonly [name: string]: RegExp } = {
  vpc: />(vpc-[0-9a-f]+)</,
  igw: />(igw-[0-9a-f]+)</,
  spare: />(igw-[0-9a-f]+)</,
  subnet: />(subnet-[0-9a-f]+)</,
  sg: />(sg-[0-9a-f]+)</,
  key: />(key-[0-9a-f]+)</,
  i: />(i-[0-9a-f]+)</,
  vol: />(vol-[0-9a-f]+)</,
  far: />(vol-[0-9a-f]+)</,
  eip: />(eipalloc-[0-9a-f]+)</,
  lb: />(arn:[^<]*:loadbalancer\/[^<]+)</,
  tg: />(arn:[^<]*:targetgroup\/[^<]+)</,
  listener: />(arn:[^<]*:listener\/[^<]+)</,
};

const isThere = hasMoto('what the fake AWS refuses');

describe.skipIf(!isThere)('what the fake refuses, and moto too', () => {
  const models: { fake?: ReturnType<typeof client>; moto?: ReturnType<typeof client> } = {};
  let served: Served | undefined;
  let moto: Awaited<ReturnType<typeof startMoto>> | undefined;

  beforeAll(async () => {
    const cloud = createAws({ now: Date.now() });
    served = await serve((request, now) => cloud.handle(request, now));
    moto = await startMoto();
    models.fake = client(served.url);
    models.moto = client(moto.url);
    for (const step of SITE) {
      for (const [name, ask] of Object.entries(models)) {
        const code = await ask(step);
        if (code !== '') throw new Error(`${name} refused ${step.action} with ${code}`);
      }
    }
  }, 60_000);

  afterAll(async () => {
    const [both, lax] = [REFUSALS.filter(one => one.isLax !== true), REFUSALS.filter(one => one.isLax === true)];
    process.stdout.write(`compared with moto: ${both.length} refusals, and ${lax.length} that moto does not have\n`);
    moto?.stop();
    await served?.close();
  });

  it.each(REFUSALS)('$action: $code', async refusal => {
    const { code, isLax } = refusal;
    expect(await models.fake?.(refusal)).toBe(code);
    expect(isLax === true ? ['', code] : [code]).toContain(await models.moto?.(refusal));
  });
});
