/** A door that a stand-in opens: the port, and what it answers to which paths. */
export interface Door {
  readonly port: number;
  readonly replies: readonly (readonly [path: string, body: string])[];
}

/** Answers HTTP by fixed texts, in a Python that has no more than sockets. */
const SERVER = String.raw`
import os, re, select, socket
notify = os.environ.get('NOTIFY_SOCKET')
socks = {}
for port, replies in DOORS:
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('0.0.0.0', port)); s.listen(16)
    socks[s] = replies
if notify:
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'READY=1', notify)
while True:
    for s in select.select(list(socks), [], [])[0]:
        c, _ = s.accept()
        c.settimeout(5)
        try:
            head = b''
            while b'\r\n\r\n' not in head: head += c.recv(65536) or b'\r\n\r\n'
            path = (head.split(b' ') + [b''])[1].decode()
            body = next((b for p, b in socks[s] if path.startswith(p)), None)
            status = '404 Not Found' if body is None else '200 OK'
            text = (body or '').encode()
            c.sendall(('HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n' % (status, len(text))).encode() + text)
        except Exception: pass
        c.close()
`;

/**
 * A program that stands in the place of another: `cases` are branches of a shell's case over its words, and everything
 * else makes it a server. It says what it is, so that nobody takes it for the real one.
 */
export function standIn(name: string, cases: string, doors: readonly Door[] = []): string {
  const literal = JSON.stringify(doors.map(({ port, replies }) => [port, replies]));
  return `#!/bin/sh
# STAND-IN of a test: this is not ${name}.
case "$*" in
${cases}
esac
exec python3 -c "$(cat <<'SERVER'
DOORS = ${literal}
${SERVER}
SERVER
)"
`;
}
