/** What Gitea keeps. */
export const HOME = '/var/lib/gitea';
/** Its configuration. */
export const CONFIG = '/etc/gitea/app.ini';
