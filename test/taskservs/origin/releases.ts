import type { ServiceSpec } from '../../../taskservs/host/parameters.ts';
import type { Origin } from './origin.ts';
import { standIn } from './stand-in.ts';

/** A service through its life on a host: installed, in sync, changed, used where a script says how, and removed. */
export interface OriginProof {
  readonly service: string;
  readonly parameters: ServiceSpec;
  readonly changed: ServiceSpec;
  /** Run on the host before the service comes. */
  readonly before?: string;
  /** Something that a user would do with the changed service, and what it must print. */
  readonly use?: { readonly script: string; readonly prints: RegExp };
}

const SECRET = 'correct-horse-battery';
const text = (value: string) => ({ text: value });

/** Services of releases, over a mirror that the test made. */
export async function releaseProofs(origin: Origin): Promise<readonly OriginProof[]> {
  const youki = await origin.archive('youki.tar.gz', {
    youki: text(standIn('youki', '*info*) echo "Version 0.0.0 (stand-in)"; exit 0;;')),
  });
  const coredns = await origin.archive('coredns.tgz', { coredns: text(standIn('coredns', 'nothing) ;;')) });
  const loki = await origin.archive('loki.zip', {
    'loki-linux-amd64': text(
      standIn('loki', '*-verify-config*) exit 0;;', [
        {
          port: 3100,
          replies: [
            ['/ready', 'ready'],
            ['/loki/api/v1/push', ''],
            ['/loki/api/v1/query_range', '{"values":["hello"]}'],
          ],
        },
      ]),
    ),
  });
  const jaeger = await origin.archive('jaeger.tar.gz', {
    'jaeger-2.2.0-linux-amd64/jaeger': text(
      standIn('jaeger', 'nothing) ;;', [
        { port: 4318, replies: [['/v1/traces', '{}']] },
        { port: 16_686, replies: [['/api/services', '["provisioning-probe"]']] },
      ]),
    ),
  });
  const coder = await origin.archive('coder.tar.gz', {
    coder: text(
      standIn(
        'coder',
        'nothing) ;;',
        [3000, 3001].map(port => ({ port, replies: [['/api/v2/buildinfo', '{"version":"0"}']] })),
      ),
    ),
  });
  const gitea = origin.program('gitea', {
    text: standIn(
      'gitea',
      `*user\\ list*) cat /var/lib/gitea/made 2>/dev/null; exit 0;;
*user\\ create*) echo "1 steward" > /var/lib/gitea/made; echo "generated random password is 'chance'"; exit 0;;`,
      [
        {
          port: 3000,
          replies: [
            ['/api/healthz', '{"status":"pass"}'],
            ['/api/v1/', '{"is_admin":true}'],
          ],
        },
      ],
    ),
  });
  const buildkit = await origin.archive('buildkit.tar.gz', {
    'bin/buildkitd': text(standIn('buildkitd', 'nothing) ;;')),
    'bin/buildctl': text(
      standIn(
        'buildctl',
        `*build*) for word in "$@"; do case $word in context=*) from=\${word#context=};; type=tar,dest=*) to=\${word#*dest=};; esac; done; tar -cf "$to" -C "$from" greeting; exit 0;;`,
      ),
    ),
    'bin/buildkit-runc': text(standIn('buildkit-runc', '*) exit 0;;')),
  });
  const rad = standIn(
    'rad',
    `auth*) mkdir -p "$RAD_HOME/keys"; cat > "$RAD_HOME/keys/radicle"; exit 0;;
node\\ status*) echo "Node is running."; exit 0;;`,
  );
  const top = 'radicle-1.2.1-x86_64-unknown-linux-musl/bin';
  const radicle = await origin.archive('radicle.tar.xz', {
    [`${top}/rad`]: text(rad),
    [`${top}/radicle-node`]: text(standIn('radicle-node', 'nothing) ;;')),
    [`${top}/git-remote-rad`]: text(standIn('git-remote-rad', '*) exit 0;;')),
  });
  const runner = await origin.archive('actions-runner.tar.gz', {
    'config.sh': text('#!/bin/sh\n# STAND-IN\necho "$*" > .runner\n'),
    'run.sh': text('#!/bin/sh\n# STAND-IN\nexec ./bin/Runner.Listener\n'),
    'bin/Runner.Listener': text('#!/bin/sh\n# STAND-IN\nsleep infinity\n'),
  });
  const stepCa = await origin.archive('step-ca.tar.gz', {
    'step-ca_0.28.1/step-ca': text(standIn('step-ca', 'nothing) ;;')),
  });
  const step = await origin.archive('step.tar.gz', {
    'step_0.28.2/bin/step': text(
      standIn(
        'step',
        `ca\\ init*) mkdir -p "$STEPPATH/config"; echo '{}' > "$STEPPATH/config/ca.json"; exit 0;;
certificate\\ inspect*) echo "X.509v3 TLS Certificate proof.internal"; exit 0;;
*) exit 0;;`,
      ),
    ),
  });
  const proof = (service: string, parameters: ServiceSpec, changed: ServiceSpec): OriginProof => ({
    service,
    parameters,
    changed: { ...parameters, ...changed },
  });
  const gitSecrets = { adminPassword: SECRET, secretKey: `${SECRET}-1`, internalToken: `${SECRET}-2` };
  return [
    proof('youki', { version: '0.5.7', ...youki }, { podman: true }),
    proof('coredns', { version: '1.12.0', ...coredns }, { logQueries: true }),
    proof('loki', { version: '3.3.2', ...loki }, { keepDays: 7 }),
    proof('jaeger', { version: '2.2.0', ...jaeger }, { keepHours: 24 }),
    proof(
      'coder',
      { version: '2.18.1', ...coder, address: 'https://coder.example.org', database: `postgres://${SECRET}` },
      { port: 3001 },
    ),
    proof(
      'gitea',
      { version: '1.22.6', ...gitea, domain: 'git.example.org', adminEmail: 'ops@example.org', ...gitSecrets },
      { title: 'Our code' },
    ),
    proof('buildkit', { version: '0.18.2', ...buildkit }, { parallel: 8 }),
    proof('radicle', { version: '1.2.1', ...radicle, passphrase: SECRET }, { seed: 'allow' }),
    proof(
      'actions-runner',
      {
        version: '2.321.0',
        sha256: runner.sha256,
        download: runner.url,
        url: 'https://github.com/team/infrastructure',
        token: SECRET,
      },
      { version: '2.322.0' },
    ),
    proof(
      'step-ca',
      { version: '0.28.1', ...stepCa, step: { version: '0.28.2', ...step }, password: SECRET },
      { days: 7 },
    ),
  ];
}
