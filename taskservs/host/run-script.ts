/**
 * Does the acts of one run, in order, and stops at the first that fails. It is the same text for every host and every
 * service: the acts are files in the folder that is its only word. `acts/NNNN` holds `do` and what that needs. It writes
 * `result`: the state, the title of the act that failed and the end of what that said, each ended by NUL.
 * One run at a time: others wait for the lock.
 */
export const RUN_SCRIPT = String.raw`
set -u
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root
export PATH LC_ALL DEBIAN_FRONTEND HOME
run=$1
cd "$run" || exit 1
exec 9>/run/provisioning/lock
flock 9
word() { cat "$act/$1"; }
has() { [ -e "$act/$1" ]; }
call() {
  set -- "$1" timeout -k 10 "$2"
  if has as; then set -- "$@" runuser -u "$(word as)" --; fi
  words=$act/$1
  shift
  input=/dev/null
  if has stdin; then input=$act/stdin; fi
  (cd / && exec xargs -0 -x -n 4096 -a "$words" "$@" < "$input" 9>&-)
}
put() {
  # Command substitution drops newlines at the end, and a path may end with one.
  path=$(word path && printf .)
  path=${'$'}{path%.}
  new=$path.provisioning-new
  mkdir -p -- "${'$'}{path%/*}/" || return 1
  rm -f -- "$new"
  install -m "$(word mode)" -o "$(word owner)" -g "$(word group)" -- "$act/text" "$new" || { rm -f -- "$new"; return 1; }
  sync -- "$new"
  if has check && ! call check 120; then rm -f -- "$new"; return 1; fi
  if has keep && { [ -e "$path" ] || [ -L "$path" ]; }; then
    keep=$(word keep)
    mkdir -p -m 700 -- "$(dirname -- "$keep")" || return 1
    if [ ! -e "$keep" ] && [ ! -L "$keep" ]; then cp -a -- "$path" "$keep" || return 1; fi
  fi
  mv -fT -- "$new" "$path"
}
verified() {
  call argv 60 > "$act/said" 2> "$act/complaint"
  code=$?
  cat "$act/said" "$act/complaint"
  [ "$code" = 0 ] || return 1
  if has expect; then grep -Eq -f "$act/expect" "$act/said"; fi
}
verify() {
  until_=$(($(date +%s) + $(word within)))
  while ! verified > "$act/last" 2>&1; do
    if [ "$(date +%s)" -ge "$until_" ]; then cat "$act/last"; return 1; fi
    sleep 1
  done
}
perform() {
  case $(word do) in
    put) put ;;
    verify) verify ;;
    run) call argv "$(word within)" || { has mend && call mend 900 && call argv "$(word within)"; } ;;
    *) return 1 ;;
  esac
}
finish() {
  rm -rf acts
  mv result.new result
}
for act in "$run"/acts/*; do
  cp "$act/title" at
  if perform > log 2>&1; then continue; fi
  # A risky run that fails leaves nothing behind that could cut the host off.
  if [ -e guard/revert ]; then sh guard/revert "$(readlink guard)" run >> log 2>&1; fi
  {
    printf 'failed\0'
    cat "$act/title"
    printf '\0'
    if has secret; then printf 'what it said is not shown, because it was given a secret'; else tail -n 20 log | tail -c 4000 | tr -d '\0'; fi
    printf '\0'
  } > result.new
  finish
  exit 1
done
printf 'done\0\0\0' > result.new
finish
`;

/**
 * Starts a run: its name and its service are words, the archive of its folder is on standard input. Sent twice, it runs
 * once. What former runs of the service left goes.
 */
export const START_SCRIPT = String.raw`
set -eu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mkdir -p /run/provisioning
cd /run/provisioning
exec 8>starting
flock 8
if systemctl is-active -q "$1" || [ "$(systemctl is-active "$1")" = activating ]; then cat > /dev/null; echo running; exit 0; fi
for old in "provisioning-run-$2-"*; do
  if [ -d "$old" ] && ! systemctl is-active -q "$old"; then rm -rf "$old"; fi
done
mkdir "$1.new"
tar -x -C "$1.new"
[ -f "$1.new/whole" ]
mv -T "$1.new" "$1"
systemctl reset-failed "$1" 2>/dev/null || true
systemd-run -q --unit="$1" --collect --property=RuntimeMaxSec=7200 --property=KillMode=control-group \
  --property=OOMScoreAdjust=-500 -- /bin/sh "/run/provisioning/$1/script" "/run/provisioning/$1" 8>&-
echo started
`;

/** Looks at runs, whose names are words: for each `name`, `running`, `waits` (for a new session), `gone` or its result, each word ended by NUL. */
export const POLL_SCRIPT = String.raw`
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
for run in "$@"; do
  printf '%s\0' "$run"
  case $(systemctl is-active "$run") in
    active | activating | deactivating | reloading)
      if [ -e "/run/provisioning/$run/awaits" ]; then state=waits; else state=running; fi
      printf '%s\0%s\0\0' "$state" "$(cat "/run/provisioning/$run/at" 2>/dev/null)" ;;
    *) if [ -f "/run/provisioning/$run/result" ]; then cat "/run/provisioning/$run/result"; else printf 'gone\0\0\0'; fi ;;
  esac
done
`;
