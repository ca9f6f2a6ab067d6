/**
 * Boots a machine from a sector of its own that says OK on its serial port and switches itself off by a reset. It shows
 * that guests really run, without an image from anywhere. The accelerator is the first word, the program the second.
 */
export const BOOT = String.raw`
set -eu
disk=$(mktemp)
trap 'rm -f "$disk"' EXIT
# mov dx,3f8h; al='O'; out; al='K'; out; al='\n'; out; al=feh; out 64h (reset); hlt; jmp
printf '\272\370\003\260O\356\260K\356\260\n\356\260\376\346\144\364\353\375' > "$disk"
truncate -s 510 "$disk"
printf '\125\252' >> "$disk"
timeout 60 "$2" -accel "$1" -m 16 -display none -monitor none -no-reboot -serial stdio \
  -drive "file=$disk,format=raw,if=floppy" -boot a -nodefaults </dev/null`;
