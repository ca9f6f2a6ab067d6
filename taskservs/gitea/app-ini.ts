import type { HostPlace } from '../../schemas/taskserv.ts';
import { inUrl, listenOn } from '../host/fields.ts';
import { heading, ini, oneLine, type Setting } from '../host/render.ts';
import type { Fields } from './fields.ts';
import { HOME } from './paths.ts';

/** Letters that need no quotes here stay bare; everything else stands between backticks. */
function quoted(value: Setting): string {
  const text = oneLine(value);
  return /^[\w@:/., +-]+$/.test(text) ? text : `\`${text}\``;
}

/** The configuration of Gitea. */
export function appIni(given: Fields, place: HostPlace): string {
  const { domain, isHttps, sshPort } = given;
  const root = `${isHttps ? 'https' : 'http'}://${domain}/`;
  const sections = {
    DEFAULT: { APP_NAME: given.title, RUN_USER: 'git', RUN_MODE: 'prod', WORK_PATH: HOME },
    server: {
      PROTOCOL: 'http',
      HTTP_ADDR: listenOn(given.reach, place),
      HTTP_PORT: given.port,
      DOMAIN: domain,
      ROOT_URL: root,
      START_SSH_SERVER: true,
      SSH_DOMAIN: domain,
      SSH_PORT: sshPort,
      SSH_LISTEN_PORT: sshPort,
      OFFLINE_MODE: true,
    },
    database: database(given),
    repository: { ROOT: `${HOME}/repositories`, DEFAULT_PRIVATE: 'private' },
    security: {
      INSTALL_LOCK: true,
      SECRET_KEY: given.secretKey,
      INTERNAL_TOKEN: given.internalToken,
      PASSWORD_HASH_ALGO: 'argon2',
      MIN_PASSWORD_LENGTH: 12,
      DISABLE_GIT_HOOKS: true,
    },
    service: {
      DISABLE_REGISTRATION: !given.allowSignUp,
      REQUIRE_SIGNIN_VIEW: given.isPrivate,
      DEFAULT_ALLOW_CREATE_ORGANIZATION: false,
    },
    session: { PROVIDER: 'file', COOKIE_SECURE: isHttps },
    log: { MODE: 'console', LEVEL: 'info' },
    'cron.update_checker': { ENABLED: false },
  };
  const { DEFAULT, ...rest } = sections;
  const top = Object.entries(DEFAULT).map(([name, value]) => `${name} = ${quoted(value)}\n`);
  return `${heading(';')}${top.join('')}\n${ini(rest, quoted)}`;
}

function database({ database: at }: Fields): { readonly [name: string]: Setting } {
  if (at === undefined) return { DB_TYPE: 'sqlite3', PATH: `${HOME}/gitea.db` };
  return {
    DB_TYPE: 'postgres',
    HOST: `${inUrl(at.host)}:${at.port}`,
    NAME: at.name,
    USER: at.user,
    PASSWD: at.password,
    SSL_MODE: at.tls,
  };
}
