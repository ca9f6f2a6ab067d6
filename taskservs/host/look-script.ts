/**
 * Looks at everything that is asked about, and changes nothing. It is the same text for every host and every service:
 * what to look at comes as an archive on standard input, and nothing of it is read as shell. Every answer is a row of
 * words that end with NUL, and its first word says what it is; `end` shows that nothing is missing.
 */
export const LOOK_SCRIPT = String.raw`
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
export PATH LC_ALL
asked=$(mktemp -d /run/provisioning-look.XXXXXX) || exit 1
trap 'rm -rf "$asked"' EXIT
tar -x -C "$asked" || exit 1
cd "$asked" || exit 1
each() { if [ -s "$1" ]; then xargs -0 -r -a "$@"; fi; }
. /etc/os-release
printf 'os\0%s\0%s\0%s\0%s\0' "$VERSION_CODENAME" "$(dpkg --print-architecture)" \
  "$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)" \
  "$(df -Pm /var/lib | awk 'NR == 2 { print $4 }')"
each paths sh -c 'exec find "$@" -maxdepth 0 -printf "path\\0%y\\0%m\\0%u\\0%g\\0%l\\0%p\\0" 2>/dev/null' sh
each paths sh -c 'find "$@" -maxdepth 0 -type f -exec sha256sum -z -- {} + 2>/dev/null' sh |
  sed -z 's/^\([0-9a-f]*\)  /sum\x00\1\x00/'
each texts -n 2 sh -c '
  [ -f "$2" ] && [ ! -L "$2" ] && [ "$(stat -c %s -- "$2")" -le 65536 ] || exit 0
  [ "$(sha256sum < "$2")" = "$1  -" ] && exit 0
  printf "text\0%s\0%s\0" "$2" "$(base64 -w 0 < "$2")"' sh
each packages dpkg-query -W -f='package\t${'$'}{Package}\t${'$'}{Version}\t${'$'}{db:Status-Status}\n' 2>/dev/null | tr '\t\n' '\0\0'
each users -n 1 sh -c 'groups=$(id -Gn -- "$1" 2>/dev/null) && printf "user\0%s\0%s\0" "$1" "$groups"; exit 0' sh
each daemons -n 1 sh -c '
  printf "daemon\0%s\0%s\0%s\0" "$1" "$(systemctl is-active -- "$1" 2>/dev/null)" "$(systemctl is-enabled -- "$1" 2>/dev/null)"' sh
each releases -n 1 sh -c '
  stamp=/var/lib/provisioning/releases/$1
  [ -f "$stamp" ] || exit 0
  if tail -n +2 "$stamp" | sha256sum -c --status 2>/dev/null; then intact=yes; else intact=no; fi
  printf "release\0%s\0%s\0%s\0" "$1" "$(head -n 1 "$stamp")" "$intact"' sh
for task in tasks/*; do
  [ -d "$task" ] || continue
  set -- timeout -k 2 20
  if [ -s "$task/as" ]; then set -- "$@" runuser -u "$(cat "$task/as")" --; fi
  began=$(date +%s)
  if (cd / && xargs -0 -x -n 4096 -a "$asked/$task/argv" "$@" </dev/null >/dev/null 2>&1); then done=yes; else done=no; fi
  # xargs does not hand on the exit code of timeout.
  if [ "$done" = no ] && [ $(($(date +%s) - began)) -ge 20 ]; then done=slow; fi
  printf 'task\0%s\0%s\0' "$(basename "$task")" "$done"
done
for kind in json open; do
  for marker in /var/lib/provisioning/services/*."$kind"; do
    if [ -f "$marker" ]; then printf '%s\0%s\0' "$kind" "$(base64 -w 0 < "$marker")"; fi
  done
done
systemctl list-units --plain --no-legend --full --state=active,activating,deactivating 'provisioning-run-*' 2>/dev/null |
  while read -r run rest; do
    run=${'$'}{run%.service}
    if [ -f "/run/provisioning/$run/owner" ]; then printf 'run\0%s\0%s\0' "$run" "$(base64 -w 0 < "/run/provisioning/$run/owner")"; fi
  done
printf 'end\0'
`;
