/** Constant scripts for what no single program does. Every value comes as a word, never as part of the text. */

/** Keeps what stands at `$1` as `$2`, the first time, and takes it away. */
export const SET_ASIDE = String.raw`
set -eu
if [ ! -e "$1" ] && [ ! -L "$1" ]; then exit 0; fi
mkdir -p -m 700 -- "$(dirname -- "$2")"
if [ ! -e "$2" ] && [ ! -L "$2" ]; then cp -a -- "$1" "$2"; fi
rm -f -- "$1"
`;

/** Makes `$1` a link to `$3`. What others had put there is kept as `$2`, the first time. */
export const KEEP_AND_LINK = String.raw`
set -eu
if [ -e "$1" ] || [ -L "$1" ]; then
  mkdir -p -m 700 -- "$(dirname -- "$2")"
  if [ ! -e "$2" ] && [ ! -L "$2" ]; then cp -a -- "$1" "$2"; fi
fi
ln -sfnT -- "$3" "$1"
`;

/** Puts back to `$1` what was kept as `$2`; where nothing was kept, `$1` goes. */
export const PUT_BACK = String.raw`
set -eu
rm -f -- "$1"
if [ -e "$2" ] || [ -L "$2" ]; then mv -T -- "$2" "$1"; fi
`;

/**
 * Puts back to `$3` what was kept as `$4`; where nothing was kept, `$3` goes. Unless a marker beside `$1` holds the words
 * `$2`: its service wants the file too, and takes over what was kept.
 */
export const LET_GO = String.raw`
set -eu
for other in "${'$'}{1%/*}"/*.json; do
  if [ "$other" = "$1" ] || ! grep -qF -e "$2" -- "$other"; then continue; fi
  heir=${'$'}{other##*/}
  heir=${'$'}{4%/*}/${'$'}{heir%.json}-${'$'}{4##*-}
  if [ -e "$4" ] || [ -L "$4" ]; then mv -nT -- "$4" "$heir"; fi
  exit 0
done
rm -f -- "$3"
if [ -e "$4" ] || [ -L "$4" ]; then mv -T -- "$4" "$3"; fi
`;

/** Brings the package database in order, and reads the lists of packages again. */
export const MEND_PACKAGES = String.raw`
dpkg --configure -a --force-confdef --force-confold
exec apt-get -q -o Acquire::Retries=3 update
`;

/** Stops and disables a daemon. One that is not there is stopped already. */
export const STOP_DAEMON = String.raw`
systemctl cat -- "$1" >/dev/null 2>&1 || exit 0
exec systemctl disable --now -- "$1"
`;

/**
 * Installs a release: `$1` address, `$2` SHA-256, `$3` kind of archive, `$4` name, `$5` stamp, then for every file its
 * path in the archive (empty for the download itself), its place and its mode. Nothing is unpacked before the digest is right.
 */
export const INSTALL_RELEASE = String.raw`
set -eu
url=$1 sum=$2 archive=$3 name=$4 stamp=$5
shift 5
work=$(mktemp -d /var/tmp/provisioning.XXXXXX)
trap 'rm -rf "$work"' EXIT
curl -fsSL --proto '=http,https' --retry 5 --retry-all-errors --connect-timeout 20 -o "$work/download" -- "$url"
if ! printf '%s  %s\n' "$sum" "$work/download" | sha256sum -c --status; then
  echo "the download does not have the pinned SHA-256 $sum, so nothing was unpacked" >&2
  exit 1
fi
mkdir "$work/out"
case $archive in
  tar.*) tar -x --no-same-owner -C "$work/out" -f "$work/download" ;;
  zip) unzip -q "$work/download" -d "$work/out" ;;
esac
printf '%s\n' "$stamp" > "$work/stamp"
while [ $# -gt 0 ]; do
  from=$work/download
  if [ -n "$1" ]; then from=$work/out/$1; fi
  mkdir -p -- "$(dirname -- "$2")"
  install -m "$3" -- "$from" "$2.provisioning-new"
  mv -fT -- "$2.provisioning-new" "$2"
  sha256sum -- "$2" >> "$work/stamp"
  shift 3
done
mkdir -p -m 755 /var/lib/provisioning/releases
install -m 644 -- "$work/stamp" "/var/lib/provisioning/releases/$name"
`;
