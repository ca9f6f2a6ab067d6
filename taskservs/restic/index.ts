import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { debian, line, password, path } from '../host/fields.ts';
import { HARDENED } from '../host/hardening.ts';
import { daemonCommand, daemonText, environment, heading } from '../host/render.ts';
import { service } from '../host/service.ts';

const days = (standard: number, what: string) =>
  z.int().min(0).max(10_000).default(standard).describe(`${what} Default: ${standard}.`);

const fields = () =>
  z.strictObject({
    repository: z
      .string()
      .max(1000)
      .regex(
        /^(?:\/|(?:sftp|rest|s3|b2|azure|gs|swift|rclone):)[A-Za-z0-9@:/._~?=&+-]+$/,
        'is a path, or starts with sftp:, rest:, s3:, b2:, azure:, gs:, swift: or rclone:',
      )
      .describe('Where the backups go, in the words of restic: `/srv/backup`, `s3:https://s3.example.org/backup`.'),
    password: password('Password that the backups are encrypted with. Without it nothing can be read any more.'),
    credentials: z
      .record(
        z.string().regex(/^[A-Z][A-Z0-9_]{0,62}$/, 'is the name of an environment variable'),
        password('Value of the variable.'),
      )
      .default({})
      .describe('What the storage asks for, such as `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.'),
    paths: z.array(path).min(1).max(200).describe('Files and folders that are kept.'),
    excludes: z.array(line(255)).max(200).default([]).describe('Patterns of what is left out.'),
    schedule: z
      .string()
      .regex(/^[A-Za-z0-9*:,./ -]{1,100}$/, 'is a time in the words of systemd, such as daily or 03:30')
      .default('daily')
      .describe('When, in the words of systemd. Default: daily.'),
    keep: z
      .strictObject({
        daily: days(7, 'Days of which one backup is kept.'),
        weekly: days(5, 'Weeks of which one is kept.'),
        monthly: days(12, 'Months of which one is kept.'),
        yearly: days(2, 'Years of which one is kept.'),
      })
      .prefault({})
      .describe('What is kept when old backups are thrown away.'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const FOLDER = '/etc/restic';
const BACKUP = '/etc/systemd/system/restic-backup.service';
const TIMER = '/etc/systemd/system/restic-backup.timer';

function serviceText({ repository, paths, keep }: Fields): string {
  const { daily, weekly, monthly, yearly } = keep;
  const kept = [
    `--keep-daily=${daily}`,
    `--keep-weekly=${weekly}`,
    `--keep-monthly=${monthly}`,
    `--keep-yearly=${yearly}`,
  ];
  return daemonText({
    Unit: { Description: 'Backup with restic', Wants: 'network-online.target', After: 'network-online.target' },
    Service: {
      ...HARDENED,
      // It reads everything, and writes only its cache and a repository on this host.
      CapabilityBoundingSet: 'CAP_DAC_READ_SEARCH',
      ProtectHome: 'read-only',
      Type: 'oneshot',
      Nice: 10,
      IOSchedulingClass: 'idle',
      EnvironmentFile: `${FOLDER}/environment`,
      CacheDirectory: 'restic',
      Environment: 'RESTIC_CACHE_DIR=/var/cache/restic',
      ReadWritePaths: repository.startsWith('/') ? repository : undefined,
      ExecStart: [
        daemonCommand([
          '/usr/bin/restic',
          'backup',
          '--quiet',
          '--tag=provisioning',
          `--exclude-file=${FOLDER}/excludes`,
          ...paths,
        ]),
        daemonCommand(['/usr/bin/restic', 'forget', '--quiet', '--prune', '--tag=provisioning', ...kept]),
      ],
    },
  });
}

function timerText({ schedule }: Fields): string {
  return daemonText({
    Unit: { Description: 'Time for a backup with restic' },
    Timer: { OnCalendar: schedule, RandomizedDelaySec: '15m', Persistent: true },
    Install: { WantedBy: 'timers.target' },
  });
}

const WITH = 'set -a; . /etc/restic/environment; set +a; export RESTIC_CACHE_DIR=/var/cache/restic;';

const PROVE = String.raw`${WITH}
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
date +%s%N > "$folder/written"
restic backup --quiet --tag=provisioning-verify "$folder/written"
restic restore --quiet --tag=provisioning-verify --target="$folder/back" latest >/dev/null
cmp "$folder/written" "$folder/back$folder/written"
restic forget --quiet --tag=provisioning-verify --keep-last=1 --group-by=tags >/dev/null
echo restored`;

/** restic: encrypted backups that are made by a timer. */
export const restic = service({
  name: 'restic',
  categories: ['backup'],
  summary: 'restic, which makes encrypted backups of folders by a timer.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields,
  ports: () => [],
  endpoint: () => null,
  want: (given, _place, version): readonly HostItem[] => [
    debian('restic', version),
    debian('ca-certificates'),
    { is: 'directory', path: FOLDER, mode: 0o700 },
    { is: 'file', path: `${FOLDER}/password`, text: `${given.password}\n`, mode: 0o600, isSecret: true },
    {
      is: 'file',
      path: `${FOLDER}/environment`,
      text:
        heading() +
        environment({
          RESTIC_REPOSITORY: given.repository,
          RESTIC_PASSWORD_FILE: `${FOLDER}/password`,
          ...given.credentials,
        }),
      mode: 0o600,
    },
    { is: 'file', path: `${FOLDER}/excludes`, text: given.excludes.map(one => `${one}\n`).join('') },
    {
      is: 'task',
      title: 'the repository is there',
      done: ['sh', '-c', `${WITH} exec restic cat config`],
      run: ['sh', '-c', `${WITH} restic cat config >/dev/null 2>&1 || exec restic init`],
    },
    { is: 'file', path: BACKUP, text: serviceText(given) },
    { is: 'file', path: TIMER, text: timerText(given) },
    { is: 'daemon', unit: 'restic-backup.timer', restartOn: [TIMER, BACKUP] },
    {
      is: 'verify',
      title: 'a file is backed up and restored',
      run: ['sh', '-c', PROVE],
      expect: '^restored$',
      withinSeconds: 120,
    },
  ],
});
