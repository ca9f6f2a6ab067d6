import { maybeNumber, maybeText, records, text } from './input.ts';
import { type Actions, type Fields, type Group, OWNER, Refusal, type Rule, type State, type Turn } from './model.ts';
import { assertRoom, drop, known, live, make, newId, shown, tagSet, tagsIn } from './objects.ts';
import { filterOf, page } from './pages.ts';
import { canonical } from './ranges.ts';

const EVERYTHING: Rule = {
  protocol: '-1',
  from: -1,
  to: -1,
  range: '0.0.0.0/0',
  isSix: false,
  description: undefined,
};
const MOST_RULES = 60;
/** Characters of names and descriptions. */
const PLAIN = /^[\w .\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

export function newGroup(
  turn: Turn,
  given: { readonly name: string; readonly description: string; readonly vpc: string; readonly tags: Group['tags'] },
): Group {
  const { state } = turn;
  const { tags, ...named } = given;
  const isTaken = live(state.groups).some(one => one.vpc === given.vpc && one.name === given.name);
  if (isTaken) throw new Refusal('InvalidGroup.Duplicate');
  const own = { ...named, in: [], out: [EVERYTHING] };
  return make(turn, state.groups, { id: newId(state, 'sg'), tags, own });
}

export const groupOf = (state: State, id: string): Group => known(state.groups, id, 'InvalidGroup.NotFound');

type Direction = 'in' | 'out';

/** The single rules of what one permission allows. */
function rulesOf(permission: Fields): Rule[] {
  const protocol = text(permission, 'IpProtocol');
  const isAll = protocol === '-1';
  const from = isAll ? -1 : (maybeNumber(permission, 'FromPort') ?? -1);
  const to = isAll ? -1 : (maybeNumber(permission, 'ToPort') ?? -1);
  const isPorts = protocol === 'tcp' || protocol === 'udp';
  if (isPorts && (from < 0 || to > 65_535 || from > to)) throw new Refusal('InvalidParameterValue');
  const rule = (range: string, isSix: boolean, one: Fields): Rule => {
    const description = maybeText(one, 'Description');
    if (description !== undefined && description !== '' && !PLAIN.test(description))
      throw new Refusal('InvalidParameterValue');
    return { protocol, from, to, range, isSix, description };
  };
  return [
    ...records(permission, 'IpRanges').map(one => rule(canonical(text(one, 'CidrIp')), false, one)),
    ...records(permission, 'Ipv6Ranges').map(one => rule(canonical(text(one, 'CidrIpv6')), true, one)),
  ];
}

const keyOf = ({ protocol, from, to, range }: Rule): string => [protocol, from, to, range].join(' ');

/** AWS shows rules of the same protocol and ports as one permission, and keeps no order. */
function permissionsOf(rules: readonly Rule[]): Fields[] {
  const sets = new Map<string, Rule[]>();
  for (const rule of rules) {
    const key = [rule.protocol, rule.from, rule.to].join(' ');
    sets.set(key, [...(sets.get(key) ?? []), rule]);
  }
  return [...sets.values()].map(set => {
    const first = set[0] ?? EVERYTHING;
    const ranges = (isSix: boolean, field: string): Fields[] =>
      set
        .filter(rule => rule.isSix === isSix)
        .map(rule => ({ [field]: rule.range, Description: rule.description === '' ? undefined : rule.description }));
    return {
      IpProtocol: first.protocol,
      ...(first.protocol === '-1' ? {} : { FromPort: first.from, ToPort: first.to }),
      IpRanges: ranges(false, 'CidrIp'),
      Ipv6Ranges: ranges(true, 'CidrIpv6'),
      UserIdGroupPairs: [],
      PrefixListIds: [],
    };
  });
}

const VERBS = {
  add(list: Rule[], rule: Rule) {
    if (list.some(one => keyOf(one) === keyOf(rule))) throw new Refusal('InvalidPermission.Duplicate');
    if (list.length >= MOST_RULES) throw new Refusal('RulesPerSecurityGroupLimitExceeded');
    return [...list, rule];
  },
  remove: (list: Rule[], rule: Rule) => list.filter(one => one !== present(list, rule)),
  describe: (list: Rule[], rule: Rule) =>
    list.map(one => (one === present(list, rule) ? { ...one, description: rule.description } : one)),
};

function present(list: readonly Rule[], rule: Rule): Rule {
  const found = list.find(one => keyOf(one) === keyOf(rule));
  if (found === undefined) throw new Refusal('InvalidPermission.NotFound');
  return found;
}

/** All rules of a request, or none of them. */
function write(direction: Direction, verb: keyof typeof VERBS): Actions[string] {
  return ({ state, input }) => {
    const group = groupOf(state, text(input, 'GroupId'));
    const rules = records(input, 'IpPermissions').flatMap(rulesOf);
    if (rules.length === 0) throw new Refusal('MissingParameter');
    group[direction] = rules.reduce(VERBS[verb], group[direction]);
    return { Return: true };
  };
}

export const GROUPS: Actions = {
  CreateSecurityGroup(turn) {
    const { state, input } = turn;
    const vpc = maybeText(input, 'VpcId') ?? live(state.vpcs).find(one => one.isDefault)?.id;
    if (vpc === undefined) throw new Refusal('VPCIdNotSpecified');
    known(state.vpcs, vpc, 'InvalidVpcID.NotFound');
    const name = text(input, 'GroupName');
    const description = text(input, 'Description');
    if (!PLAIN.test(name) || !PLAIN.test(description) || name.startsWith('sg-'))
      throw new Refusal('InvalidParameterValue');
    assertRoom(turn, 'groups');
    const group = newGroup(turn, { name, description, vpc, tags: tagsIn(input) });
    return { GroupId: group.id, Tags: tagSet(group) };
  },
  DescribeSecurityGroups(turn) {
    const fits = filterOf<Group>(turn.input, {
      'group-id': one => one.id,
      'group-name': one => one.name,
      'vpc-id': one => one.vpc,
    });
    return page(turn, shown(turn, turn.state.groups).filter(fits), {
      field: 'SecurityGroups',
      sizes: [5, 1_000],
      show: one => ({
        GroupId: one.id,
        GroupName: one.name,
        Description: one.description,
        VpcId: one.vpc,
        OwnerId: OWNER,
        IpPermissions: permissionsOf(one.in),
        IpPermissionsEgress: permissionsOf(one.out),
        Tags: tagSet(one),
      }),
    });
  },
  AuthorizeSecurityGroupIngress: write('in', 'add'),
  AuthorizeSecurityGroupEgress: write('out', 'add'),
  RevokeSecurityGroupIngress: write('in', 'remove'),
  RevokeSecurityGroupEgress: write('out', 'remove'),
  UpdateSecurityGroupRuleDescriptionsIngress: write('in', 'describe'),
  UpdateSecurityGroupRuleDescriptionsEgress: write('out', 'describe'),
  DeleteSecurityGroup(turn) {
    const { state } = turn;
    const group = groupOf(state, text(turn.input, 'GroupId'));
    if (group.name === 'default') throw new Refusal('CannotDelete');
    const isUsed = live(state.instances).some(one => one.state !== 'terminated' && one.groups.includes(group.id));
    if (isUsed) throw new Refusal('DependencyViolation');
    drop(turn, group);
    return { Return: true, GroupId: group.id };
  },
};
