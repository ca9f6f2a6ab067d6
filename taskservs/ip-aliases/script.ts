/**
 * Brings the addresses of a host in line with a list of `address interface` lines. What was added is noted in /run, so
 * that an address that is no longer listed goes, and one that is not ours stays.
 */
export const SCRIPT = String.raw`#!/bin/sh
# Written by provisioning; changes made here are undone.
set -eu
list=/etc/provisioning/ip-aliases
noted=/run/provisioning-ip-aliases
touch "$noted"
wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT
if [ "$1" = start ]; then grep -v '^#' "$list" > "$wanted" || :; fi
while read -r address interface; do
  grep -qx "$address $interface" "$wanted" || ip address del "$address" dev "$interface" || :
done < "$noted"
: > "$noted.new"
while read -r address interface; do
  ip address replace "$address" dev "$interface"
  echo "$address $interface" >> "$noted.new"
done < "$wanted"
mv "$noted.new" "$noted"
`;
