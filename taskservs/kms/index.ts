import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { debian, inUrl, listenOn, port, reach as reachable, reachedAt } from '../host/fields.ts';
import { daemonText } from '../host/render.ts';
import { service } from '../host/service.ts';
import { COSMIAN_HOME, cosmianField, cosmianItems } from './cosmian.ts';

const SOCKET = '/etc/systemd/system/tangd.socket.d/50-provisioning.conf';
const fields = () =>
  z.strictObject({
    reach: reachable('host'),
    port: port.default(9998).describe('Port for HTTP.'),
    cosmian: cosmianField().optional(),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** Encrypts by the key of the server at `$1`, and decrypts what came of it with its help. */
const ROUND_TRIP = String.raw`
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curl -fsS --max-time 10 "$1/adv" > "$work/adv"
printf '{"url":"%s","adv":"%s"}' "$1" "$work/adv" > "$work/config"
printf 'hello\n' | clevis encrypt tang "$(cat "$work/config")" -y > "$work/hidden"
if grep -q hello "$work/hidden"; then exit 1; fi
clevis decrypt < "$work/hidden"
`;

function tang({ reach, port: number }: Fields, place: HostPlace): readonly HostItem[] {
  const listen = `${inUrl(listenOn(reach, place))}:${number}`;
  const at = `http://${inUrl(reachedAt(reach, place))}:${number}`;
  return [
    debian('tang'),
    debian('clevis'),
    debian('curl'),
    { is: 'directory', path: '/etc/systemd/system/tangd.socket.d', mode: 0o755 },
    // The first, empty line takes the door of the package away, which is open to everybody.
    { is: 'file', path: SOCKET, text: daemonText({ Socket: { ListenStream: ['', listen], FreeBind: true } }) },
    { is: 'daemon', unit: 'tangd.socket', restartOn: [SOCKET] },
    {
      is: 'verify',
      title: 'a text is encrypted and decrypted',
      run: ['sh', '-c', ROUND_TRIP, 'sh', at],
      expect: '^hello$',
      withinSeconds: 60,
    },
  ];
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  return given.cosmian === undefined ? tang(given, place) : cosmianItems(given, given.cosmian, place);
}

/** A server of keys. */
export const kms: TaskService = service({
  name: 'kms',
  categories: ['networking', 'security'],
  summary: 'Server of keys for others on the network: tang of Debian, or Cosmian KMS.',
  source: 'debian',
  version: null,
  fields,
  holdsData: true,
  data: ['/var/lib/tang', COSMIAN_HOME],
  ports: ({ reach, port: number }) => [{ port: number, protocol: 'tcp', reach, purpose: 'keys' }],
  endpoint: (given, place) => `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want,
});
