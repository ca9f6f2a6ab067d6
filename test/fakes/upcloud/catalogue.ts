import { type Answer, Refusal, type Turn, objectOf, text } from './model.ts';
import { PLAN_LIST, PRICES, ZONES } from './seeds.ts';

export function getAccount(turn: Turn): Answer {
  const { username, limits } = turn.settings;
  return { status: 200, body: { account: { credits: 10_000, username, resource_limits: { ...limits } } } };
}

export function listPlans(): Answer {
  return { status: 200, body: { plans: { plan: PLAN_LIST } } };
}

export function listPrices(): Answer {
  return { status: 200, body: { prices: { zone: PRICES } } };
}

export function listZones(): Answer {
  const zones = ZONES.map(id => ({ description: `Zone ${id}`, id, public: 'yes' }));
  return { status: 200, body: { zones: { zone: zones } } };
}

export function listSizes(): Answer {
  const sizes = [1, 2, 4].map(cores => ({ core_number: String(cores), memory_amount: String(cores * 1_024) }));
  return { status: 200, body: { server_sizes: { server_size: sizes } } };
}

export function listTimezones(): Answer {
  return { status: 200, body: { timezones: { timezone: ['Europe/Helsinki', 'UTC'] } } };
}

type Host = Turn['state']['hosts'][number];

function hostOf(turn: Turn): Host {
  const host = turn.state.hosts.find(one => String(one.id) === turn.args[0]);
  if (host === undefined) throw new Refusal(404, 'HOST_NOT_FOUND', 'The host does not exist.');
  return host;
}

const STATS = [{ name: 'memory_free', timestamp: '2020-08-19T14:06:58Z', value: 341 }];

export function listHosts(turn: Turn): Answer {
  return {
    status: 200,
    body: { hosts: { host: turn.state.hosts.map(host => ({ ...host, stats: { stat: STATS } })) } },
  };
}

export function getHost(turn: Turn): Answer {
  return { status: 200, body: { host: { ...hostOf(turn), stats: { stat: STATS } } } };
}

export function modifyHost(turn: Turn): Answer {
  const host = hostOf(turn);
  host.description = text(objectOf(turn.body['host'])['description'], 'DESCRIPTION_INVALID');
  return { status: 200, body: { host: { ...host, stats: { stat: [] } } } };
}
