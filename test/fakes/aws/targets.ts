import { arn, askedFor, balancerOf, nameIn } from './balancers.ts';
import { instanceOf } from './instances.ts';
import { maybeNumber, maybeText, records, text } from './input.ts';
import { type Actions, type Fields, type Listener, Refusal, type State, type TargetGroup, type Turn } from './model.ts';
import { vpcOf } from './networks.ts';
import { drop, known, live, make, shown, tagsIn } from './objects.ts';
import { markedPage } from './pages.ts';

const groupOf = (state: State, id: string): TargetGroup => known(state.targetGroups, id, 'TargetGroupNotFound');

export const TARGET_GROUPS: Actions = {
  CreateTargetGroup(turn) {
    const { state, input } = turn;
    const name = nameIn(input);
    const asked = askedFor(input);
    const twin = live(state.targetGroups).find(one => one.name === name);
    if (twin !== undefined && twin.asked !== asked) throw new Refusal('DuplicateTargetGroupName');
    if (twin !== undefined) return { TargetGroups: [shownGroup(turn, twin)] };
    const own = {
      name,
      asked,
      vpc: vpcOf(state, text(input, 'VpcId')).id,
      port: maybeNumber(input, 'Port') ?? 0,
      check: maybeText(input, 'HealthCheckProtocol') ?? 'TCP',
      path: maybeText(input, 'HealthCheckPath'),
      targets: {},
    };
    if (own.check === 'TCP' && own.path !== undefined) throw new Refusal('ValidationError');
    const made = make(turn, state.targetGroups, { id: arn(turn, `targetgroup/${name}`), tags: tagsIn(input), own });
    return { TargetGroups: [shownGroup(turn, made)] };
  },
  DescribeTargetGroups(turn) {
    const show = (one: TargetGroup): Fields => shownGroup(turn, one);
    return markedPage(turn, shown(turn, turn.state.targetGroups), { field: 'TargetGroups', show });
  },
  ModifyTargetGroup(turn) {
    const group = groupOf(turn.state, text(turn.input, 'TargetGroupArn'));
    const path = maybeText(turn.input, 'HealthCheckPath');
    if (group.check === 'TCP' && path !== undefined) throw new Refusal('InvalidConfigurationRequest');
    group.path = path ?? group.path;
    return { TargetGroups: [shownGroup(turn, group)] };
  },
  DeleteTargetGroup(turn) {
    const group = groupOf(turn.state, text(turn.input, 'TargetGroupArn'));
    if (live(turn.state.listeners).some(one => one.group === group.id)) throw new Refusal('ResourceInUse');
    drop(turn, group);
    return {};
  },
  RegisterTargets({ state, input }) {
    const group = groupOf(state, text(input, 'TargetGroupArn'));
    const servers = records(input, 'Targets').map(one => state.instances[text(one, 'Id')]);
    for (const server of servers) {
      if (server === undefined || instanceOf(state, server.id).vpc !== group.vpc || server.state !== 'running')
        throw new Refusal('InvalidTarget');
      group.targets[server.id] = { drainingUntil: null };
    }
    return {};
  },
  /** What is taken out still ends the connections that it has. */
  DeregisterTargets({ state, settings, now, input }) {
    const group = groupOf(state, text(input, 'TargetGroupArn'));
    for (const one of records(input, 'Targets')) {
      const target = group.targets[text(one, 'Id')];
      if (target !== undefined) target.drainingUntil = now + settings.actionMs;
    }
    return {};
  },
  DescribeTargetHealth({ state, now, input }) {
    const { targets } = groupOf(state, text(input, 'TargetGroupArn'));
    const left = Object.entries(targets).filter(
      ([, { drainingUntil }]) => drainingUntil === null || drainingUntil > now,
    );
    return {
      TargetHealthDescriptions: left.map(([Id, { drainingUntil }]) => ({
        Target: { Id },
        TargetHealth: { State: drainingUntil === null ? 'healthy' : 'draining' },
      })),
    };
  },
};

export const LISTENERS: Actions = {
  CreateListener(turn) {
    const { state, input } = turn;
    const balancer = balancerOf(state, text(input, 'LoadBalancerArn'));
    const port = maybeNumber(input, 'Port') ?? 0;
    const [action = {}] = records(input, 'DefaultActions');
    const group = groupOf(state, text(action, 'TargetGroupArn'));
    const asked = askedFor(input);
    const twin = live(state.listeners).find(one => one.balancer === balancer.id && one.port === port);
    if (twin !== undefined && twin.asked !== asked) throw new Refusal('DuplicateListener');
    if (twin !== undefined) return { Listeners: [shownListener(twin)] };
    const used = live(state.listeners).find(one => one.group === group.id);
    if (used !== undefined && used.balancer !== balancer.id) throw new Refusal('TargetGroupAssociationLimit');
    const id = arn(turn, `listener/net/${balancer.name}`);
    const made = make(turn, state.listeners, { id, own: { asked, balancer: balancer.id, port, group: group.id } });
    return { Listeners: [shownListener(made)] };
  },
  DescribeListeners(turn) {
    const balancer = text(turn.input, 'LoadBalancerArn');
    if (turn.state.balancers[balancer] === undefined) throw new Refusal('LoadBalancerNotFound');
    const found = shown(turn, turn.state.listeners).filter(one => one.balancer === balancer);
    return markedPage(turn, found, { field: 'Listeners', show: shownListener });
  },
  DeleteListener(turn) {
    drop(turn, known(turn.state.listeners, text(turn.input, 'ListenerArn'), 'ListenerNotFound'));
    return {};
  },
};

function shownGroup({ state }: Turn, one: TargetGroup): Fields {
  const users = live(state.listeners).filter(listener => listener.group === one.id);
  return {
    TargetGroupArn: one.id,
    TargetGroupName: one.name,
    Port: one.port,
    Protocol: 'TCP',
    VpcId: one.vpc,
    HealthCheckProtocol: one.check,
    HealthCheckPath: one.path,
    LoadBalancerArns: [...new Set(users.map(listener => listener.balancer))],
  };
}

function shownListener(one: Listener): Fields {
  return {
    ListenerArn: one.id,
    LoadBalancerArn: one.balancer,
    Port: one.port,
    Protocol: 'TCP',
    DefaultActions: [{ Type: 'forward', TargetGroupArn: one.group }],
  };
}
