/**
 * Makes the host ready to go back: `$1` run, `$2` service, `$3` seconds; after that paths, `--`, daemons, `--` and names of
 * settings of the kernel. What stands there now is kept, and a timer that outlives a restart of the host puts it back.
 */
export const ARM_GUARD = String.raw`
set -eu
run=$1 service=$2 seconds=$3
shift 3
guard=/var/lib/provisioning/guard/$service
name=provisioning-revert-$service
if [ -e "$guard/revert" ]; then
  # What is to be done was worked out from a change that does not stay.
  sh "$guard/revert" "$guard" run
  echo 'a former change was not confirmed by a new session: it was taken back, and nothing else was changed' >&2
  exit 1
fi
mkdir -p -m 700 -- "$guard/daemons"
: > "$guard/there"
: > "$guard/absent"
while [ "$1" != -- ]; do
  if [ -e "$1" ] || [ -L "$1" ]; then printf '%s\0' "$1" >> "$guard/there"; else printf '%s\0' "$1" >> "$guard/absent"; fi
  shift
done
shift
tar -c -P --null -T "$guard/there" -f "$guard/files.tar"
while [ "$1" != -- ]; do
  printf '%s %s\n' "$(systemctl is-active -- "$1" || true)" "$(systemctl is-enabled -- "$1" 2>/dev/null || true)" > "$guard/daemons/$1"
  shift
done
shift
for setting in "$@"; do sysctl -e -- "$setting" >> "$guard/kernel" 2>/dev/null || true; done
printf '%s' "$run" > "$guard/run"
cat > "$guard/revert"
printf '[Unit]\nDescription=Takes back a change of %s that cuts this host off\n[Service]\nType=oneshot\nExecStart=/bin/sh %s/revert %s\n' \
  "$service" "$guard" "$guard" > "/etc/systemd/system/$name.service"
printf '[Timer]\nOnActiveSec=%s\nAccuracySec=1s\n[Install]\nWantedBy=timers.target\n' "$seconds" > "/etc/systemd/system/$name.timer"
ln -sfn -- "$guard" "$run/guard"
systemctl daemon-reload
systemctl enable -q --now "$name.timer"
`;

/**
 * Puts everything back as it was when the guard was armed: `$1` is its folder, `$2` says `run` where the run itself asks. Whoever decides first, this or a new session,
 * decides alone.
 */
export const REVERT = String.raw`
guard=$1
name=provisioning-revert-${'$'}{guard##*/}
mkdir "$guard/decided" 2>/dev/null || exit 0
run=$(cat "$guard/run")
# A run that still changes things would go on against us; one that waits for a session says how it ended.
if [ "$2" != run ] && [ ! -e "$run/awaits" ]; then systemctl stop -- "${'$'}{run##*/}"; fi
each() { for kept in "$guard"/daemons/*; do [ -e "$kept" ] || continue; unit=${'$'}{kept##*/}; read -r active enabled < "$kept"; "$1"; done; }
stop() { [ "$active" = active ] || systemctl stop -- "$unit"; [ "$enabled" = enabled ] || systemctl disable -q -- "$unit"; }
start() { [ "$enabled" != enabled ] || systemctl enable -q -- "$unit"; [ "$active" != active ] || systemctl restart -- "$unit"; }
# What was not running may need its files to undo what it did.
each stop
xargs -0 -r -a "$guard/absent" rm -f --
xargs -0 -r -a "$guard/there" rm -f --
tar -x -P -f "$guard/files.tar"
if [ -e "$guard/kernel" ]; then sysctl -q -e -p "$guard/kernel"; fi
systemctl daemon-reload
each start
systemctl disable -q "$name.timer"
rm -f "/etc/systemd/system/$name.timer" "/etc/systemd/system/$name.service"
if [ -d "$run" ]; then touch "$run/reverted"; fi
rm -rf -- "$guard"
systemctl daemon-reload
systemctl stop "$name.timer"
echo 'what this run had changed was taken back'
`;

/** Waits for a new session: `$1` run, `$2` service, `$3` seconds after which the host goes back by itself. */
export const AWAIT_SESSION = String.raw`
set -eu
run=$1 service=$2 seconds=$3
guard=/var/lib/provisioning/guard/$service
name=provisioning-revert-$service
sed -i "s/^OnActiveSec=.*/OnActiveSec=$seconds/" "/etc/systemd/system/$name.timer"
systemctl daemon-reload
systemctl restart "$name.timer"
read -r now rest < /proc/uptime
printf '%s\n' "$now" > "$run/awaits"
until [ -e "$run/reached" ] && mkdir "$guard/decided" 2>/dev/null; do
  if [ -e "$run/reverted" ]; then
    echo "no new session came within $seconds s after the change, so the host went back to how it was before" >&2
    exit 1
  fi
  sleep 0.2
done
systemctl disable -q --now "$name.timer"
rm -f "/etc/systemd/system/$name.timer" "/etc/systemd/system/$name.service"
systemctl daemon-reload
rm -rf -- "$guard"
`;

/**
 * Said in a new session, it tells a run that somebody can still get in: `$1` run. A session that was there before the run
 * began to wait proves nothing, and is refused.
 */
export const REACHED = String.raw`
run=$1
[ -e "$run/awaits" ] || exit 0
pid=$$
while [ "$pid" -gt 1 ]; do
  set -- $(sed 's/.*) //' "/proc/$pid/stat")
  case $(cat "/proc/$pid/comm") in
    sshd*) if awk -v began="${'$'}{20}" 'NR == 1 { exit !(began / 100 >= $1) }' "$run/awaits"; then touch "$run/reached"; exit 0; fi ; exit 1 ;;
  esac
  pid=$2
done
exit 1
`;
