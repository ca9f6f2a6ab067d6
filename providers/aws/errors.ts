import type { ProviderErrorClass } from '../../schemas/provider.ts';
import { faultAt } from '../transport/fault.ts';

/** What messages call it. */
export const CLOUD = 'AWS';

/** What each code means for the engine. */
const CODES: { readonly [kind in ProviderErrorClass]?: readonly string[] } = {
  unauthenticated: [
    'AuthFailure',
    'ExpiredToken',
    'ExpiredTokenException',
    'IncompleteSignature',
    'InvalidClientTokenId',
    'MissingAuthenticationToken',
    'OptInRequired',
    'RequestExpired',
    'RequestTimeTooSkewed',
    'SignatureDoesNotMatch',
    'UnrecognizedClientException',
  ],
  forbidden: ['AccessDenied', 'AccessDeniedException', 'Blocked', 'PendingVerification', 'UnauthorizedOperation'],
  'not-found': ['InvalidPlacementGroup.Unknown', 'ListenerNotFound', 'LoadBalancerNotFound', 'TargetGroupNotFound'],
  'invalid-input': [
    'DuplicateListener',
    'IncompatibleProtocols',
    'InvalidBlockDeviceMapping',
    'InvalidConfigurationRequest',
    'InvalidInstanceType',
    'InvalidKey.Format',
    'InvalidLoadBalancerAction',
    'InvalidNetworkInterface.InUse',
    'InvalidParameter',
    'InvalidParameterCombination',
    'InvalidParameterValue',
    'InvalidSubnet',
    'InvalidSubnet.Conflict',
    'InvalidSubnet.Range',
    'InvalidTarget',
    'InvalidVolume.ZoneMismatch',
    'InvalidVpc.Range',
    'InvalidVpcRange',
    'MissingParameter',
    'SubnetNotFound',
    'UnsupportedOperation',
    'ValidationError',
    'VPCIdNotSpecified',
  ],
  'already-exists': ['DuplicateLoadBalancerName', 'DuplicateTargetGroupName', 'RouteAlreadyExists'],
  conflict: ['ConcurrentTagAccess'],
  locked: ['PriorRequestNotComplete', 'TransactionInProgressException'],
  state: [
    'Gateway.NotAttached',
    'IncorrectInstanceState',
    'IncorrectModificationState',
    'IncorrectState',
    'InvalidInstanceID.NotLinkable',
    'InvalidState',
    'Resource.AlreadyAssociated',
    'VolumeInUse',
  ],
  dependency: [
    'DependencyViolation',
    'InvalidGroup.InUse',
    'InvalidIPAddress.InUse',
    'InvalidPlacementGroup.InUse',
    'ResourceInUse',
  ],
  protected: ['OperationNotPermitted'],
  quota: [
    'AddressLimitExceeded',
    'AttachmentLimitExceeded',
    'InstanceLimitExceeded',
    'InternetGatewayLimitExceeded',
    'MaxSpotInstanceCountExceeded',
    'PlacementGroupLimitExceeded',
    'ResourceLimitExceeded',
    'RulesPerSecurityGroupLimitExceeded',
    'SecurityGroupLimitExceeded',
    'SecurityGroupsPerInstanceLimitExceeded',
    'SubnetLimitExceeded',
    'TagLimitExceeded',
    'TooManyListeners',
    'TooManyLoadBalancers',
    'TooManyRegistrationsForTargetId',
    'TooManyTags',
    'TooManyTargetGroups',
    'TooManyTargets',
    'VcpuLimitExceeded',
    'VolumeLimitExceeded',
    'VolumeModificationRateExceeded',
    'VpcLimitExceeded',
  ],
  capacity: [
    'InsufficientAddressCapacity',
    'InsufficientCapacity',
    'InsufficientFreeAddressesInSubnet',
    'InsufficientHostCapacity',
    'InsufficientInstanceCapacity',
    'InsufficientVolumeCapacity',
    'Unsupported',
  ],
  'rate-limited': [
    'BandwidthLimitExceeded',
    'EC2ThrottledException',
    'RequestLimitExceeded',
    'RequestThrottled',
    'SlowDown',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
  ],
  bug: [
    'IdempotentParameterMismatch',
    'InvalidAction',
    'InvalidQueryParameter',
    'MalformedQueryString',
    'UnknownParameter',
  ],
};

/** Families of codes, for those that the table does not have. */
const FAMILIES: readonly (readonly [RegExp, ProviderErrorClass])[] = [
  [/^Invalid.*\.NotFound$/, 'not-found'],
  [/^Invalid.*\.Malformed$/, 'invalid-input'],
  [/^Invalid.*\.Duplicate$/, 'already-exists'],
  [/^Invalid.*\.(?:InUse|Conflict)$/, 'dependency'],
  [/^InvalidAMIID\./, 'invalid-input'],
  [/LimitExceeded$/, 'quota'],
];

const CLASSES: ReadonlyMap<string, ProviderErrorClass> = new Map(
  Object.entries(CODES).flatMap(([kind, codes]) => codes.map(code => [code, kind as ProviderErrorClass] as const)),
);

/** The class of an error code; undefined for one that is not known. */
export function classOfCode(code: string): ProviderErrorClass | undefined {
  return CLASSES.get(code) ?? FAMILIES.find(([pattern]) => pattern.test(code))?.[1];
}

/** Codes by which AWS says that our clock is wrong, which nothing has come of. */
export const CLOCK_CODES: ReadonlySet<string> = new Set([
  'AuthFailure',
  'InvalidSignatureException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/** A fault in our words. */
export const fault = faultAt(CLOUD);
