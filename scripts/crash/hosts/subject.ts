/** Folder on the host that the subject keeps its notes in. */
export const NOTES = '/srv/storm';

/**
 * A service that is small and leaves notes: a line for every time its task ran, and what its daemon last read. While the
 * file `gate` is there, the task does not end, so that a fault can strike in the middle of a run.
 */
const SERVICE = `summary: Leaves notes of what was done to it.
categories: [development]
holdsData: false
parameters:
  text: { type: text, description: What it says. }
items:
  - { is: package, name: hello }
  - { is: file, path: /etc/storm.conf, text: "\${text}\\n" }
  - is: file
    path: /etc/systemd/system/storm.service
    text: |
      [Service]
      ExecStart=/bin/sh -c 'cp /etc/storm.conf /run/storm.read && exec sleep infinity'
      [Install]
      WantedBy=multi-user.target
  - is: task
    title: note the run
    done: [grep, -qx, -e, "\${text}", ${NOTES}/done]
    run:
      - sh
      - -c
      - 'mkdir -p ${NOTES}; echo "$$1" >> ${NOTES}/runs; while [ -e ${NOTES}/gate ]; do sleep 0.1; done; echo "$$1" > ${NOTES}/done'
      - sh
      - "\${text}"
    undo: [rm, -rf, ${NOTES}]
  - { is: daemon, unit: storm.service, restartOn: [/etc/storm.conf] }
  - { is: verify, title: its daemon says it, run: [cat, /run/storm.read], expect: "^\${text}$$" }
`;

/** Third part of an address range in which every host site has its own network. */
export interface Ground {
  readonly name: string;
  /** `10.97.1`: the first three numbers of its addresses. */
  readonly net: string;
}

/** The files of a workspace with one host, on which the subject says `text`; without a text it is not there. */
export function subject({ net }: Ground, publicKey: string, text: string | null): { readonly [path: string]: string } {
  const services = text === null ? '' : `, taskservs: { storm: { text: "${text}" } }`;
  return {
    'taskservs/storm/service.yaml': SERVICE,
    'infra/main.yaml': `network:
  main: { ipRange: ${net}.0/24 }
subnet:
  hosts: { network: main, ipRange: ${net}.0/24 }
ssh-key:
  me: { publicKey: "${publicKey}" }
server:
  web: { size: small, image: debian-12, subnet: hosts, sshKeys: [me]${services} }
`,
  };
}
