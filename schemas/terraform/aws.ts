import type { Json } from '../json.ts';
import {
  at,
  firstOf,
  idAt,
  idFrom,
  idOf,
  idsAt,
  labelsAt,
  listAt,
  portsOf,
  type ProviderTable,
  type Reading,
  Unsure,
  valueAt,
  wordAt,
} from './reading.ts';
import type { TerraformState } from './state.ts';

const id = idAt('id');
/** The Name tag is what the console calls an object; tags of AWS itself cannot be set by anybody. */
const labels = labelsAt('tags', key => key !== 'Name' && !key.startsWith('aws:'));
const name = at('tags.Name', 'name', 'key_name', 'id');

/** Amazon EC2 and Elastic Load Balancing: provider `hashicorp/aws`. */
export const aws: ProviderTable = {
  prefix: 'aws_',
  driver: 'aws',
  types: {
    aws_key_pair: { kind: 'ssh-key', id: idAt('key_pair_id'), name, fields: { publicKey: keyText, labels } },
    aws_placement_group: {
      kind: 'placement-group',
      id: idAt('placement_group_id'),
      name,
      fields: { strategy: at('strategy'), labels },
    },
    aws_vpc: { kind: 'network', id, name, fields: { ipRange: at('cidr_block'), labels } },
    aws_subnet: {
      kind: 'subnet',
      id,
      name,
      fields: { network: idAt('vpc_id'), ipRange: at('cidr_block'), zone: at('availability_zone'), labels },
    },
    aws_security_group: { kind: 'firewall', id, name, fields: { rules, labels } },
    aws_eip: {
      kind: 'floating-ip',
      id,
      name,
      fields: {
        version: () => 'ipv4',
        server: firstOf(
          idAt('instance'),
          idFrom('aws_eip_association', { mine: 'allocation_id', theirs: 'instance_id' }),
        ),
        labels,
      },
    },
    aws_instance: {
      kind: 'server',
      id,
      name,
      fields: {
        size: at('instance_type'),
        image: at('ami'),
        zone: at('availability_zone'),
        sshKeys,
        subnet: idAt('subnet_id'),
        firewalls: idsAt('vpc_security_group_ids'),
        placementGroup: firstOf(idAt('placement_group_id'), placementGroup),
        publicIp: at('associate_public_ip_address'),
        labels,
      },
    },
    aws_ebs_volume: {
      kind: 'volume',
      id,
      name,
      fields: {
        sizeGib: at('size'),
        type: wordAt('type', {
          gp2: 'ssd',
          gp3: 'ssd',
          io1: 'ssd',
          io2: 'ssd',
          st1: 'hdd',
          sc1: 'hdd',
          standard: 'hdd',
        }),
        zone: at('availability_zone'),
        server: idFrom('aws_volume_attachment', { mine: 'volume_id', theirs: 'instance_id' }),
        labels,
      },
    },
    aws_lb: balancer(),
    aws_alb: balancer(),
  },
  parts: [
    'aws_alb_listener',
    'aws_alb_target_group',
    'aws_alb_target_group_attachment',
    'aws_eip_association',
    'aws_lb_listener',
    'aws_lb_target_group',
    'aws_lb_target_group_attachment',
    'aws_security_group_rule',
    'aws_volume_attachment',
    'aws_vpc_security_group_egress_rule',
    'aws_vpc_security_group_ingress_rule',
  ],
};

function balancer() {
  const subnet: Reading = ({ attributes }) => {
    const subnets = listAt(attributes, 'subnets');
    if (subnets.length > 1) return new Unsure(`it is in ${subnets.length} subnets, and one can be described`);
    return idOf(subnets[0]);
  };
  return {
    kind: 'load-balancer',
    id: balancerId,
    name: at('name'),
    fields: { size: () => 'network', subnet, services, targets, labels },
  } as const;
}

function keyText(...[{ attributes }]: Parameters<Reading>): ReturnType<Reading> {
  const text = valueAt(attributes, 'public_key');
  return typeof text === 'string' ? text.trim() : undefined;
}

/** An instance names its key and its group; both have an id beside. */
function sshKeys(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const name = idOf(valueAt(attributes, 'key_name'));
  if (name === undefined) return undefined;
  const [pair] = state.where('aws_key_pair', 'key_name', name);
  return [idOf(valueAt(pair?.attributes, 'key_pair_id')) ?? name];
}

function placementGroup(...[{ attributes }, state]: Parameters<Reading>): ReturnType<Reading> {
  const name = idOf(valueAt(attributes, 'placement_group'));
  const [group] = state.where('aws_placement_group', 'name', name ?? '');
  return idOf(valueAt(group?.attributes, 'placement_group_id')) ?? name;
}

/** The kind is a network load balancer there: the others need two subnets. */
function balancerId(...[{ attributes }]: Parameters<Reading>): ReturnType<Reading> {
  const type = valueAt(attributes, 'load_balancer_type');
  if (type !== 'network')
    return new Unsure(`there is no kind for a load balancer of the type ${String(type ?? 'application')}`);
  return idOf(valueAt(attributes, 'id'));
}

/** A rule in whichever of the three forms Terraform has for it. */
interface Rule {
  readonly direction: 'in' | 'out';
  readonly protocol: string;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly ranges: readonly string[];
  readonly description: Json | undefined;
  /** It names other groups or lists of prefixes, which our rules cannot. */
  readonly isOther: boolean;
}

/** Rules within the group, and those that are resources of their own. */
function rules(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const all = [
    ...listAt(self.attributes, 'ingress').map(rule => inline('in', rule)),
    ...listAt(self.attributes, 'egress').map(rule => inline('out', rule)),
    ...separate(idOf(valueAt(self.attributes, 'id')) ?? '', state),
  ];
  if (all.some(rule => rule.isOther))
    return new Unsure('a rule names a security group or a list of prefixes instead of ranges');
  const found = new Map<string, Json>();
  for (const rule of all) {
    const written = ruleOf(rule);
    if (written instanceof Unsure) return written;
    if (!isDefault(rule)) found.set(JSON.stringify(written), written);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, rule]) => rule);
}

function inline(direction: Rule['direction'], rule: Json): Rule {
  return {
    direction,
    protocol: String(valueAt(rule, 'protocol') ?? '-1'),
    ...portsAt(rule),
    ranges: [...listAt(rule, 'cidr_blocks'), ...listAt(rule, 'ipv6_cidr_blocks')].map(String),
    description: valueAt(rule, 'description'),
    isOther:
      valueAt(rule, 'self') === true ||
      ['security_groups', 'prefix_list_ids'].some(attribute => listAt(rule, attribute).length > 0),
  };
}

const RULE_TYPES = {
  in: 'aws_vpc_security_group_ingress_rule',
  out: 'aws_vpc_security_group_egress_rule',
} as const;

function separate(group: string, state: TerraformState): Rule[] {
  const older = state.where('aws_security_group_rule', 'security_group_id', group).map(({ attributes }) => {
    const rule = inline(valueAt(attributes, 'type') === 'egress' ? 'out' : 'in', attributes);
    return { ...rule, isOther: rule.isOther || valueAt(attributes, 'source_security_group_id') !== undefined };
  });
  const newer = (['in', 'out'] as const).flatMap(direction =>
    state.where(RULE_TYPES[direction], 'security_group_id', group).map(({ attributes }) => ({
      direction,
      protocol: String(valueAt(attributes, 'ip_protocol') ?? '-1'),
      ...portsAt(attributes),
      ranges: ['cidr_ipv4', 'cidr_ipv6'].flatMap(attribute => idOf(valueAt(attributes, attribute)) ?? []),
      description: valueAt(attributes, 'description'),
      isOther: ['referenced_security_group_id', 'prefix_list_id'].some(each => valueAt(attributes, each) !== undefined),
    })),
  );
  return [...older, ...newer];
}

function portsAt(rule: Json): Pick<Rule, 'first' | 'last'> {
  const [first, last] = ['from_port', 'to_port'].map(attribute => valueAt(rule, attribute));
  return {
    first: typeof first === 'number' ? first : undefined,
    last: typeof last === 'number' ? last : undefined,
  };
}

const PROTOCOLS: { readonly [theirs: string]: string } = {
  '-1': 'any',
  all: 'any',
  tcp: 'tcp',
  '6': 'tcp',
  udp: 'udp',
  '17': 'udp',
  icmp: 'icmp',
  '1': 'icmp',
};

function ruleOf({ direction, protocol: theirs, first, last, ranges, description }: Rule): Json | Unsure {
  const protocol = Object.hasOwn(PROTOCOLS, theirs) ? PROTOCOLS[theirs] : undefined;
  if (protocol === undefined) return new Unsure(`a rule has the protocol ${theirs}, which has no word here`);
  const port = protocol === 'tcp' || protocol === 'udp' ? portsOf(first, last) : undefined;
  return {
    direction,
    protocol,
    ...(port === undefined ? {} : { port }),
    ...(ranges.length === 0 ? {} : { sources: [...ranges].sort() }),
    ...(description === undefined ? {} : { description }),
  };
}

/** What a group without rules for the way out does anyway. */
function isDefault({ direction, protocol, ranges }: Rule): boolean {
  return direction === 'out' && PROTOCOLS[protocol] === 'any' && ranges.includes('0.0.0.0/0');
}

/** What a network load balancer passes through as it is. */
const WORDS: { readonly [theirs: string]: string } = { TCP: 'tcp' };

function services(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const found: { readonly [field: string]: Json }[] = [];
  for (const { attributes } of listenersOf(idOf(valueAt(self.attributes, 'id')) ?? '', state)) {
    const theirs = String(valueAt(attributes, 'protocol') ?? '');
    const protocol = Object.hasOwn(WORDS, theirs) ? WORDS[theirs] : undefined;
    const group = groupOf(attributes, state);
    if (protocol === undefined || group === undefined)
      return new Unsure('a listener does something else than forward to one target group of the state');
    const path = valueAt(group, 'health_check.0.path');
    found.push({
      protocol,
      listenPort: valueAt(attributes, 'port') ?? null,
      targetPort: valueAt(group, 'port') ?? null,
      ...(path === undefined ? {} : { healthPath: path }),
    });
  }
  return found.sort((a, b) => Number(a['listenPort']) - Number(b['listenPort']));
}

function targets(...[self, state]: Parameters<Reading>): ReturnType<Reading> {
  const ids = new Set<string>();
  for (const { attributes } of listenersOf(idOf(valueAt(self.attributes, 'id')) ?? '', state)) {
    const arn = idOf(valueAt(groupOf(attributes, state), 'arn')) ?? '';
    for (const type of ['aws_lb_target_group_attachment', 'aws_alb_target_group_attachment']) {
      for (const link of state.where(type, 'target_group_arn', arn)) {
        const target = idOf(valueAt(link.attributes, 'target_id')) ?? '';
        if (!target.startsWith('i-')) return new Unsure('a target is no server');
        ids.add(target);
      }
    }
  }
  return [...ids].sort();
}

function listenersOf(arn: string, state: TerraformState) {
  return ['aws_lb_listener', 'aws_alb_listener'].flatMap(type => state.where(type, 'load_balancer_arn', arn));
}

/** The target group that a listener forwards to, when it does nothing else. */
function groupOf(listener: Json, state: TerraformState): Json | undefined {
  const [action, ...more] = listAt(listener, 'default_action');
  if (action === undefined || more.length > 0 || valueAt(action, 'type') !== 'forward') return undefined;
  const arn = idOf(valueAt(action, 'target_group_arn') ?? valueAt(action, 'forward.0.target_group.0.arn')) ?? '';
  const types = ['aws_lb_target_group', 'aws_alb_target_group'];
  return types.flatMap(type => state.where(type, 'arn', arn))[0]?.attributes;
}
