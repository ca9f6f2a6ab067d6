import type { Goal } from '../course/goal.ts';
import type { Move } from '../course/sight.ts';
import type { Account } from './account.ts';
import { type Definition, refId, step } from './kind.ts';
import { FloatingIp } from './replies.ts';

export const floatingIp: Definition<FloatingIp> = {
  kind: 'floating-ip',
  collection: 'floating_ips',
  member: 'floating_ip',
  reply: FloatingIp,
  pollMs: 500,
  hasProtection: true,
  show: (_ctx, _account, object) => ({
    spec: {
      version: object.type,
      zone: object.home_location.name,
      ...(object.server === null ? {} : { server: String(object.server) }),
    },
    outputs: { ip: object.ip },
    attached: object.server !== null,
  }),
  body: (_ctx, _account, { spec }) => ({
    body: {
      type: spec['version'] ?? 'ipv4',
      // Its home is said, or is where its server stands: the API takes only one of the two.
      ...(spec['zone'] === undefined && spec['server'] !== undefined
        ? { server: refId(spec['server'], 'create floating-ip') }
        : { home_location: spec['zone'] }),
    },
  }),
  next: (_ctx, account, object, goal) => (goal.fields.includes('server') ? assign(account, object, goal) : null),
  release: (account, object) => (object.server === null ? null : unassign(account, object, 'delete floating-ip')),
};

function unassign(account: Account, object: FloatingIp, what: string): Move {
  return step(account, { method: 'POST', path: `/floating_ips/${object.id}/actions/unassign`, body: {}, what });
}

function assign(account: Account, object: FloatingIp, goal: Goal): Move {
  const what = `${goal.verb} floating-ip`;
  const server = goal.spec['server'];
  const wanted = server === undefined || server === null ? null : refId(server, what);
  if (wanted === object.server) return null;
  if (wanted === null) return unassign(account, object, what);
  return step(account, {
    method: 'POST',
    path: `/floating_ips/${object.id}/actions/assign`,
    body: { server: wanted },
    what,
  });
}
