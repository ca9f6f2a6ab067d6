import { makePlan } from '../../planner/plan.ts';
import type { FaultRecord, Plan } from '../../schemas/plan.ts';
import type { ReviewView, RunView, StepView, WorkspaceView } from '../../schemas/review.ts';
import { inputOf, type Scenario, type Thing, type Wish } from './fixture.ts';

const HEAD = 'a'.repeat(40);
const BASE = 'b'.repeat(40);

/** A pull request without anything on it. */
export function reviewOf(workspaces: readonly WorkspaceView[], more: Partial<ReviewView> = {}): ReviewView {
  const risks = ['none', 'create', 'in-place', 'restart', 'replace', 'destroy', 'data-loss'] as const;
  const worst = Math.max(0, ...workspaces.map(({ plan }) => risks.indexOf(plan?.risk ?? 'none')));
  return {
    pull: 7,
    head: HEAD,
    base: { branch: 'main', sha: BASE },
    stage: 'planned',
    workspaces,
    risk: risks[worst] ?? 'none',
    approval: { needed: 1, given: [], means: 'review', rejected: [] },
    behind: [],
    held: null,
    answers: [],
    next: { text: 'approve it with a review', command: null },
    ...more,
  };
}

export function workspaceOf(plan: Plan | null, more: Partial<WorkspaceView> = {}): WorkspaceView {
  const workspace = more.workspace ?? plan?.workspace ?? 'shop';
  return {
    workspace,
    folder: workspace,
    env: null,
    plan: plan === null ? null : { ...plan, workspace },
    fault: null,
    isFull: true,
    isCut: false,
    differences: [],
    run: null,
    ...more,
  };
}

export function planOf(scenario: Scenario): Plan {
  return makePlan(inputOf(scenario));
}

/** So many changes: a third replacements, two thirds new, whose values carry the given text. */
export function bulkPlan(count: number, text = 'plain'): Plan {
  const key = `${count} ${text}`;
  const plan = bulkPlans.get(key) ?? makeBulk(count, text);
  bulkPlans.set(key, plan);
  return plan;
}

const bulkPlans = new Map<string, Plan>();

function makeBulk(count: number, text: string): Plan {
  const desired: { [address: string]: Wish } = {};
  const things: { [address: string]: Thing } = {};
  for (let at = 0; at < count; at += 1) {
    const address = `server/s-${String(at).padStart(5, '0')}`;
    const labels = { note: `${text} ${at}` };
    if (at % 3 === 0) things[address] = { spec: { size: 'small', image: 'debian-11', labels } };
    desired[address] = { spec: { size: 'small', image: at % 3 === 1 ? text : 'debian-12', labels } };
  }
  return planOf({ desired, things });
}

const CATALOGUES: NonNullable<Scenario['catalogues']> = {
  demo: {
    sizes: [
      { name: 'small', kind: 'server', zones: [], stock: null, monthly: 45_000 },
      { name: 'large', kind: 'server', zones: [], stock: null, monthly: 180_000 },
    ],
    prices: [
      { kind: 'volume', per: 'gib', monthly: 500 },
      { kind: 'load-balancer', per: 'object', monthly: 60_000 },
      { kind: 'floating-ip', per: 'object', monthly: 30_000 },
    ],
  },
};

const NETWORK = { 'network/main': { spec: { ipRange: '10.0.0.0/16' } } };
const web = (size: string, image = 'debian-12') => ({
  spec: { size, image, network: { $ref: 'network/main.id' } },
});

const EMPTY = planOf({ desired: NETWORK, things: NETWORK });

/** A configuration file of which one line changes. */
function siteConf(timeout: string): string {
  const lines = ['server {', '  listen 443 ssl;', '  server_name shop.example;', '  root /srv/shop;'];
  return `${[...lines, `  keepalive_timeout ${timeout};`, '  gzip on;', '}'].join('\n')}\n`;
}

const SMALL = planOf({
  desired: {
    ...NETWORK,
    'server/web-1': web('large'),
    'server/web-2': web('small'),
    'floating-ip/web': { spec: { server: { $ref: 'server/web-2.id' } } },
    'taskserv.nginx/web-1': { on: 'server/web-1', spec: { version: '1.28', site: siteConf('65s') } },
    'taskserv.nginx/web-2': { on: 'server/web-2', spec: { version: '1.28' }, needs: ['server/web-2'] },
  },
  things: {
    ...NETWORK,
    'server/web-1': { ...web('small'), spec: { size: 'small', image: 'debian-12', network: 'id-main' } },
    'taskserv.nginx/web-1': { on: 'server/web-1', spec: { version: '1.28', site: siteConf('15s') } },
  },
  catalogues: CATALOGUES,
});

const DESTRUCTIVE = planOf({
  desired: {
    ...NETWORK,
    'server/web': web('small'),
    'load-balancer/web': { spec: { services: [], targets: [{ $ref: 'server/web.id' }] } },
    'floating-ip/main': { spec: { server: { $ref: 'server/web.id' } } },
    'server/cache': web('small'),
  },
  things: {
    ...NETWORK,
    'server/web': {
      id: 'srv-web',
      spec: { size: 'small', image: 'debian-11', network: 'id-main' },
      needs: ['network/main'],
    },
    'load-balancer/web': { spec: { services: [], targets: ['srv-web'] }, needs: ['server/web'] },
    'floating-ip/main': { spec: { server: 'srv-web' }, needs: ['server/web'] },
    'server/db': {
      id: 'srv-db',
      spec: { size: 'large', image: 'debian-12', network: 'id-main' },
      needs: ['network/main'],
    },
    'volume/db-data': { id: 'vol-7', spec: { sizeGib: 100, server: 'srv-db' }, needs: ['server/db'] },
    'taskserv.postgres/db': { spec: { version: '16' }, needs: ['server/db'] },
  },
  catalogues: CATALOGUES,
});

const PROTECTED = planOf({
  desired: { 'server/db': { protect: true, spec: { size: 'smal', image: 'debian-12' } } },
  things: { 'server/db': { protect: true, spec: { size: 'small', image: 'debian-11' } } },
  places: { 'server/db': ['infra/db.yaml', 7] },
  catalogues: CATALOGUES,
});

const BLIND = planOf({
  desired: { ...NETWORK, 'server/web-1': web('small') },
  things: NETWORK,
  notAsked: ['demo'],
});

const BROKEN: FaultRecord = {
  code: 'invalid',
  problems: [
    {
      id: 'WS-DUPKEY',
      at: { file: 'infra/web.yaml', line: 12, column: 3 },
      what: 'the key size is written twice',
      why: 'the second one would silently win',
      fix: 'remove one of them',
    },
    { id: 'WS-REF', at: { file: 'infra/web.yaml', line: 20, column: 9 }, what: 'server/wbe is not described anywhere' },
  ],
  data: {},
  nothingChanged: true,
};

const HOSTILE_TEXT = '`````` </details> ``` --> | @everyone #1 https://a.example <img src=x> \n\n# h';
const HOSTILE = planOf({
  desired: {
    'server/a': { spec: { size: HOSTILE_TEXT, image: '`|`', labels: { '</details>': '@team', 'a|b': '--> <!--' } } },
  },
  things: { 'server/a': { id: '</details>', spec: { size: 'small', image: '@everyone', labels: { x: '漢字 🚀' } } } },
});

function steps(plan: Plan, status: (at: number) => StepView['status'], text = ''): StepView[] {
  return plan.changes.map(({ key }, at) => ({ key, status: status(at), text: status(at) === 'failed' ? text : '' }));
}

function runOf(outcome: RunView['outcome'], list: readonly StepView[], more: Partial<RunView> = {}): RunView {
  const checkpoints = list.filter(({ status }) => status === 'done').length;
  return { outcome, steps: list, checkpoints, durationMs: null, undone: [], ...more };
}

const REASON = 'demo refused it: the volume is still attached to srv-db';
const BEN = { by: 'ben', means: 'review', sha: HEAD, at: 1_000 } as const;
const APPROVED = { needed: 1, given: [BEN], means: 'review', rejected: [] } as const;
const QUIET = { text: '', command: null } as const;

/** One view for each thing that a comment has to say well. The names are those of the files beside. */
export const VIEWS: { readonly [name: string]: ReviewView } = {
  'planned-empty': reviewOf([workspaceOf(EMPTY)], {
    next: { text: 'merge it: then exactly this is applied', command: null },
  }),
  'planned-small': reviewOf([workspaceOf(SMALL)]),
  'planned-downstream': reviewOf([workspaceOf(SMALL, { workspace: 'net' })], {
    downstream: [
      {
        workspace: 'shop@prod',
        effect: 'certain',
        uses: [
          {
            by: 'firewall/ops',
            ref: '${workspace.net.network.main.ipRange}',
            upstream: 'net',
            effect: 'certain',
            text: '10.0.0.0/16 becomes 10.9.0.0/16',
            at: { file: 'shop/infra/ops.yaml', line: 4, column: 17 },
          },
          {
            by: 'subnet/front',
            ref: '${workspace.net.network.main.id}',
            upstream: 'net',
            effect: 'possible',
            text: 'known after apply: network/main is replaced',
          },
        ],
      },
      {
        workspace: 'blog',
        effect: 'unaffected',
        uses: [
          {
            by: 'server/blog',
            ref: '${workspace.net.server.web-2.privateIp}',
            upstream: 'net',
            effect: 'unaffected',
            text: 'stays <b>@acme</b> | 10.0.0.7',
          },
        ],
      },
    ],
  }),
  'planned-orphaned': reviewOf([], {
    orphaned: [
      { workspace: 'shop@prod', folder: 'shop', objects: 1_204 },
      { workspace: 'blog', folder: '', objects: 1 },
    ],
    approval: { needed: 0, given: [], means: 'review', rejected: [] },
    next: { text: 'destroy first what would stay behind, or leave its files in place', command: null },
  }),
  'applied-orphaned': reviewOf([], {
    stage: 'applied',
    orphaned: [{ workspace: 'shop', folder: 'shop', objects: 3 }],
    approval: { needed: 0, given: [], means: 'review', rejected: [] },
    next: { text: '', command: null },
  }),
  'planned-approved': reviewOf([workspaceOf(SMALL)], {
    approval: APPROVED,
    next: { text: 'merge it: then exactly this is applied', command: null },
  }),
  'planned-destructive': reviewOf([workspaceOf(DESTRUCTIVE)], {
    approval: {
      needed: 2,
      given: [{ ...BEN, means: 'comment' }],
      means: 'comment',
      rejected: ['ann: opened the pull request and cannot approve it'],
    },
    next: { text: 'approve it with a comment', command: '/provisioning approve' },
  }),
  'planned-errors': reviewOf([workspaceOf(PROTECTED), workspaceOf(null, { workspace: 'site', fault: BROKEN })], {
    next: { text: 'mend what is marked as an error, and push', command: null },
  }),
  'planned-fork': reviewOf([workspaceOf(BLIND, { isFull: false })]),
  'planned-many': reviewOf(
    [
      workspaceOf(SMALL, { workspace: 'shop@dev', env: 'dev' }),
      workspaceOf(DESTRUCTIVE, { workspace: 'shop@prod', env: 'prod' }),
      workspaceOf(EMPTY, { workspace: 'network' }),
    ],
    {
      answers: [
        {
          remark: '3',
          by: 'ann',
          command: 'exclude server/x',
          outcome: 'refused',
          text: 'No change of this pull request has that address.',
        },
        { remark: '2', by: 'ben', command: 'plan', outcome: 'done', text: 'Planned again.' },
      ],
    },
  ),
  'planned-hostile': reviewOf([workspaceOf(HOSTILE, { folder: '</details> @team' })], {
    base: { branch: 'x`|@team#1', sha: BASE },
    approval: { needed: 1, given: [], means: 'review', rejected: [`@mallory: ${HOSTILE_TEXT}`] },
    answers: [{ remark: '1', by: '@mallory', command: HOSTILE_TEXT, outcome: 'refused', text: HOSTILE_TEXT }],
    held: HOSTILE_TEXT,
    next: { text: HOSTILE_TEXT, command: '/provisioning resume' },
  }),
  conflict: reviewOf([workspaceOf(SMALL)], {
    stage: 'conflict',
    next: { text: 'merge or rebase the base branch into this one, and push', command: null },
  }),
  queued: reviewOf([workspaceOf(SMALL)], { stage: 'queued', approval: APPROVED, behind: [5, 6], next: QUIET }),
  held: reviewOf([workspaceOf(SMALL)], {
    approval: APPROVED,
    held: 'shop is on hold by ben: asked for on #7',
    next: { text: 'end the hold', command: '/provisioning resume' },
  }),
  applying: reviewOf(
    [
      workspaceOf(SMALL, {
        run: runOf(
          'running',
          steps(SMALL, at => (['done', 'done', 'running'] as const)[at] ?? 'waiting'),
        ),
      }),
    ],
    { stage: 'applying', approval: APPROVED, next: QUIET },
  ),
  applied: reviewOf(
    [
      workspaceOf(SMALL, {
        run: runOf(
          'done',
          steps(SMALL, () => 'done'),
          { durationMs: 200_400 },
        ),
      }),
    ],
    {
      stage: 'applied',
      approval: APPROVED,
      next: QUIET,
    },
  ),
  failed: reviewOf(
    [
      workspaceOf(DESTRUCTIVE, {
        run: runOf(
          'failed',
          steps(DESTRUCTIVE, at => (at < 3 ? 'done' : at === 3 ? 'failed' : 'skipped'), REASON),
          {
            durationMs: 95_000,
          },
        ),
      }),
    ],
    {
      stage: 'failed',
      approval: APPROVED,
      next: {
        text: 'mend the cause with another pull request, or take this run back',
        command: '/provisioning rollback',
      },
    },
  ),
  'failed-taken-back': reviewOf(
    [
      workspaceOf(DESTRUCTIVE, {
        run: runOf('rolled-back', [{ key: 'delete server/db', status: 'failed', text: REASON }], {
          durationMs: 95_000,
          undone: ['create volume/db-data', 'create taskserv.postgres/db'],
        }),
      }),
    ],
    {
      stage: 'failed',
      approval: APPROVED,
      next: { text: 'mend the cause with another pull request', command: null },
    },
  ),
  'waiting-changed': reviewOf(
    [
      workspaceOf(SMALL, {
        differences: [
          'new: create floating-ip/web (new in the files)',
          'no longer planned: delete server/old',
          'update server/web-1: size reviewed medium, now large',
        ],
      }),
    ],
    {
      stage: 'waiting',
      next: { text: 'look at the plan of now: somebody has to agree to it', command: '/provisioning apply' },
    },
  ),
  closed: reviewOf([workspaceOf(SMALL)], { stage: 'closed', next: QUIET }),
};
