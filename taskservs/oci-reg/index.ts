import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { curlUser } from '../host/curl-user.ts';
import { debian, inUrl, label, listenOn, password, path, port, reach, reachedAt } from '../host/fields.ts';
import { passwordFile } from '../host/password-file.ts';
import { heading, yaml } from '../host/render.ts';
import { service } from '../host/service.ts';
import { tlsFields, tlsItems } from '../host/tls.ts';

const fields = () =>
  z.strictObject({
    reach: reach('network'),
    port: port.default(5000).describe('Port. Default: 5000.'),
    users: z
      .record(label, password('Password of the user.'))
      .describe('Passwords by user. All of them may read and write.'),
    folder: path
      .default('/var/lib/docker-registry')
      .describe('Folder of the images. Default: /var/lib/docker-registry.'),
    deletes: z.boolean().default(true).describe('Whether images may be deleted. Default: true.'),
    readOnly: z.boolean().default(false).describe('Whether nothing may be written. Default: false.'),
    ...tlsFields(),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const FOLDER = '/etc/docker/registry';
const MINE = { owner: 'root', group: 'docker-registry' };

function configText(given: Fields, place: HostPlace): string {
  const tls = given.plaintext
    ? {}
    : { tls: { certificate: `${FOLDER}/tls/tls.crt`, key: `${FOLDER}/tls/tls.key`, minimumtls: 'tls1.2' } };
  return (
    heading() +
    yaml({
      version: 0.1,
      log: { level: 'info', accesslog: { disabled: false } },
      storage: {
        cache: { blobdescriptor: 'inmemory' },
        filesystem: { rootdirectory: given.folder },
        delete: { enabled: given.deletes },
        maintenance: { readonly: { enabled: given.readOnly } },
      },
      http: {
        addr: `${inUrl(listenOn(given.reach, place))}:${given.port}`,
        headers: { 'X-Content-Type-Options': ['nosniff'] },
        ...tls,
      },
      auth: { htpasswd: { realm: 'registry', path: `${FOLDER}/passwords` } },
      health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
    })
  );
}

function door(given: Fields, place: HostPlace): string {
  return `${given.plaintext ? 'http' : 'https'}://${inUrl(reachedAt(given.reach, place))}:${given.port}`;
}

function verify(given: Fields, place: HostPlace): readonly HostItem[] {
  const ca = given.plaintext ? [] : given.tls === undefined ? ['--cacert', `${FOLDER}/tls/tls.crt`] : ['--insecure'];
  const ask = [
    'curl',
    '--silent',
    '--max-time',
    '5',
    ...ca,
    '--write-out',
    ' %{http_code}',
    `${door(given, place)}/v2/_catalog`,
  ];
  const [first] = Object.entries(given.users);
  const stranger: HostItem = { is: 'verify', title: 'a stranger is refused', run: ask, expect: ' 401$' };
  if (first === undefined) return [stranger];
  const [name, secret] = first;
  return [
    stranger,
    {
      is: 'verify',
      title: `${name} reads the list of images`,
      run: [...ask, '--config', '-'],
      stdin: curlUser(name, secret),
      expect: ' 200$',
    },
  ];
}

/** A registry for container images and other OCI artifacts. */
export const ociReg = service({
  name: 'oci-reg',
  categories: ['registry'],
  summary: 'A registry for container images (CNCF Distribution) with TLS and passwords.',
  source: 'debian',
  version: null,
  holdsData: true,
  data: ['/var/lib/docker-registry'],
  fields,
  ports: given => [{ port: given.port, protocol: 'tcp', reach: given.reach, purpose: 'images' }],
  endpoint: door,
  want: (given, place, version) => [
    debian('docker-registry', version),
    debian('curl'),
    { is: 'directory', path: given.folder, mode: 0o750, owner: 'docker-registry', group: 'docker-registry' },
    ...(given.plaintext
      ? []
      : [
          { is: 'directory', path: `${FOLDER}/tls`, mode: 0o750, ...MINE } as const,
          ...tlsItems(given.tls, { folder: `${FOLDER}/tls`, ...MINE }, place),
        ]),
    ...passwordFile({ path: `${FOLDER}/passwords`, ...MINE, users: given.users }),
    { is: 'file', path: `${FOLDER}/config.yml`, text: configText(given, place), mode: 0o640, ...MINE },
    {
      is: 'daemon',
      unit: 'docker-registry.service',
      restartOn: [`${FOLDER}/config.yml`, `${FOLDER}/tls/tls.crt`, `${FOLDER}/tls/tls.key`],
    },
    ...verify(given, place),
  ],
});
