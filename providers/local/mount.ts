import { type CallContext, ProviderFault } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { runIn } from './exec.ts';
import { fault } from './faults.ts';
import type { Piece } from './pieces.ts';
import { EngineFolder } from './replies.ts';

/** Where every host has the folder of the engine's volumes, read-only and for root alone; what is attached is mounted from there. */
const SHELF = '/var/lib/provisioning-volumes';

/** What gives a new host that folder: mounts of a container can only be told at its creation. */
export async function shelfOf(ctx: CallContext, { url }: Account): Promise<string> {
  const request = { what: 'ask the engine for its folder', method: 'GET', path: '/info', reply: EngineFolder } as const;
  const { DockerRootDir } = await ask(ctx, url, request);
  return `${DockerRootDir}/volumes:${SHELF}:ro`;
}

const NOT_UP = 75;
const NO_SHELF = 66;

const DAEMON = `[Unit]
DefaultDependencies=no
Before=local-fs.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/mount --bind $SOURCE $TARGET
ExecStart=/bin/mount -o remount,bind,rw $TARGET
ExecStop=/bin/sh -c '/bin/umount $TARGET || /bin/umount --lazy $TARGET'
[Install]
WantedBy=local-fs.target
`;

/** A daemon does it, so that it is done at every boot. systemd must be up before it can be asked. */
const ATTACH = `[ -d "$SOURCE" ] || exit ${NO_SHELF}
systemctl show-environment >/dev/null 2>&1 || exit ${NOT_UP}
mkdir -p "$TARGET" &&
cat > "/etc/systemd/system/$DAEMON" <<EOF &&
${DAEMON}EOF
systemctl daemon-reload && systemctl -q enable "$DAEMON" && systemctl start "$DAEMON"`;

const DETACH = `systemctl -q disable --now "$DAEMON" && rm -f "/etc/systemd/system/$DAEMON" && systemctl daemon-reload
rmdir "$TARGET" 2>/dev/null
! mountpoint -q "$TARGET"`;

/** Mounts a volume in a host at /mnt/<name>, now and at every boot. Doing it twice changes nothing. */
export async function attach(ctx: CallContext, account: Account, of: Attachment): Promise<void> {
  const what = 'attach volume';
  const code = await runIn(ctx, account, { piece: of.server, what, script: ATTACH, variables: variablesOf(of) });
  if (code === 0) return;
  if (code === NOT_UP) throw fault('locked', 'starting', what, { why: 'the server is still starting' });
  if (code !== NO_SHELF) throw fault('state', 'not_mounted', what, { why: 'the server could not mount it' });
  const why = 'the server was made before volumes could be attached to it: replace it';
  throw fault('state', 'no_shelf', what, { why });
}

/** Unmounts it again. A host that is gone, or does not run, has nothing mounted any more, and none of it at its next boot. */
export async function detach(ctx: CallContext, account: Account, of: Attachment): Promise<void> {
  const what = 'detach volume';
  try {
    const code = await runIn(ctx, account, { piece: of.server, what, script: DETACH, variables: variablesOf(of) });
    if (code !== 0) throw fault('state', 'still_mounted', what, { why: 'the server could not let go of it' });
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.code !== 'not_running') throw error;
  }
}

/** A volume and the host that it is, or shall be, in. */
export interface Attachment {
  readonly volume: Piece;
  readonly server: Piece;
  /** What it is called there. */
  readonly name: string;
}

function variablesOf({ volume, name }: Attachment): { readonly [name: string]: string } {
  return {
    SOURCE: `${SHELF}/${volume.id}/_data`,
    TARGET: `/mnt/${name}`,
    DAEMON: `provisioning-volume-${name}.service`,
  };
}
