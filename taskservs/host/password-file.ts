import type { HostItem } from '../../schemas/taskserv.ts';

const WRITE = String.raw`
set -eu
umask 077
new=$(mktemp "$1.XXXXXX")
trap 'rm -f "$new"' EXIT
while IFS= read -r name && IFS= read -r secret; do
  printf '%s' "$secret" | htpasswd -i -B "$new" "$name" 2>/dev/null
done
chown "$2:$3" "$new"
chmod 0640 "$new"
mv "$new" "$1"
sha256sum "$1" > "$1.sum"
`;

/** Whose passwords, and where. */
export interface PasswordFile {
  readonly path: string;
  readonly owner: string;
  readonly group: string;
  readonly users: { readonly [name: string]: string };
}

/** A file of users with bcrypt hashes (htpasswd). The host makes the hashes, so that the passwords lie nowhere. */
export function passwordFile({ path, owner, group, users }: PasswordFile): readonly HostItem[] {
  return [
    { is: 'package', name: 'apache2-utils' },
    {
      is: 'task',
      title: `passwords of ${Object.keys(users).join(', ')}`,
      done: ['sh', '-c', 'sha256sum --check --status "$1.sum"', 'sh', path],
      run: ['sh', '-c', WRITE, 'sh', path, owner, group],
      stdin: Object.entries(users)
        .map(([name, password]) => `${name}\n${password}\n`)
        .join(''),
      undo: ['rm', '-f', path, `${path}.sum`],
    },
  ];
}
