import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalWorkspace, Running } from '../../test/local/workspace.ts';
import { pageOf, watchPage } from './page.ts';

/** Folder of the example that is shown. */
export const EXAMPLE = fileURLToPath(new URL('../../example-workspace/local-shop', import.meta.url));

const DEFAULTS = 'config/defaults.toml';

/** What a tour goes through, and whom it tells. */
export interface Tour {
  readonly lab: LocalWorkspace;
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
  readonly keep: boolean;
}

/** The whole life of the example. Throws at the first thing that is not as said. */
export async function show(tour: Tour): Promise<void> {
  const steps = [prepare, create, use, change, ...(tour.keep ? [lookAround] : [destroy])];
  for (const step of steps) {
    await step(tour);
    tour.stop.throwIfAborted();
  }
}

async function prepare(tour: Tour): Promise<void> {
  const { lab, say } = tour;
  say((await run(tour, ['image', 'build', 'debian-12'])).trim());
  const recipient = (await run(tour, ['secret', 'keygen'])).split('\n')[0] ?? '';
  await run(tour, ['secret', 'recipients', '--add', recipient]);
  for (const path of ['db/password', 'cache/password'])
    await run(tour, ['secret', 'set', path], { input: randomBytes(18).toString('base64url') });
  await lab.push({}, 'Describe the shop');
  say(`pushed to ${join(lab.directory, 'remote.git')}, with a key for SSH and two passwords made just now`);
}

async function create(tour: Tour): Promise<void> {
  say(tour, await run(tour, ['plan']), /^! |^\+ .* taskserv\.|^ +on the server/);
  await apply(tour);
  hold((await planCode(tour)) === 0, 'the next plan changes nothing');
  tour.say('in sync: the next plan changes nothing');
}

/** The page through HAProxy from both web servers, a row over TLS and a key from another host. */
async function use({ lab, say: tell }: Tour): Promise<void> {
  const { publicIp } = await lab.outputs('web-1');
  const pages = [await pageOf(publicIp), await pageOf(publicIp)].sort();
  hold(pages.join() === 'Welcome from web-1,Welcome from web-2', `both web servers answer: ${pages.join(', ')}`);
  tell(`http://${publicIp}/ says "${pages.join('" and "')}"`);
  const { publicIp: db } = await lab.outputs('db');
  const row = await lab.ssh(
    'db',
    'sh',
    `export PGPASSWORD='${await secret(lab, 'db/password')}'
psql -XqtA -v ON_ERROR_STOP=1 'host=${db} user=shop dbname=shop sslmode=require' <<'END'
CREATE TABLE IF NOT EXISTS orders (article text);
INSERT INTO orders VALUES ('tea');
SELECT article FROM orders;
END
`,
  );
  hold(row === 'tea\n', `PostgreSQL keeps a row: ${row}`);
  tell(`postgres://${db}/shop wrote a row and read it, over TLS`);
  const key = await lab.ssh(
    'web-2',
    'bash',
    `exec 3<>/dev/tcp/${db}/6379
printf 'AUTH %s\\r\\nSET article tea\\r\\nGET article\\r\\nQUIT\\r\\n' '${await secret(lab, 'cache/password')}' >&3
cat <&3
`,
  );
  hold(key === '+OK\r\n+OK\r\n$3\r\ntea\r\n+OK\r\n', `Redis keeps a key: ${key}`);
  tell(`redis://${db} set a key and read it, asked by web-2`);
}

/** One word in one file, pushed: two web servers change, and the page never stops answering. */
async function change(tour: Tour): Promise<void> {
  const { lab } = tour;
  const before = readFileSync(join(EXAMPLE, DEFAULTS), 'utf8');
  await lab.push({ [DEFAULTS]: before.replace('"Welcome"', '"Good morning"') }, 'Say good morning');
  tour.say('pushed: greeting = "Good morning"');
  const plan = await run(tour, ['plan']);
  say(tour, plan, /^[!~+-] |^ +on the server|^ {4,}[~+-] /);
  const touched = [...plan.matchAll(/^[+~-]\S* +\S+ +(\S+)/gm)].map(match => match[1]).sort();
  hold(touched.join() === 'taskserv.nginx/web-1,taskserv.nginx/web-2', `two services change: ${touched.join()}`);
  const { publicIp } = await lab.outputs('web-1');
  const watched = watchPage(publicIp);
  await apply(tour);
  const { asked, failed } = await watched.end();
  hold(asked > 0 && failed.length === 0, `the page always answers: ${failed.length} of ${asked} failed: ${failed[0]}`);
  const pages = [await pageOf(publicIp), await pageOf(publicIp)].sort();
  hold(pages.join() === 'Good morning from web-1,Good morning from web-2', `the page changed: ${pages.join(', ')}`);
  tour.say(`http://${publicIp}/ says "${pages.join('" and "')}"; ${asked} requests meanwhile, none failed`);
  hold((await planCode(tour)) === 0, 'the next plan changes nothing');
}

async function destroy(tour: Tour): Promise<void> {
  const { lab, say: tell } = tour;
  const made = await lab.leftovers();
  hold(made.length >= 4, `three hosts and a network are there: ${made.join(', ')}`);
  const { code, printed } = await lab.destroy(tell);
  hold(code === 0, `destroy deletes everything: ${code} ${printed}`);
  const left = await lab.leftovers();
  hold(left.length === 0, `nothing is left: ${left.join(', ')}`);
  tell(`destroyed: of ${made.length} containers, volumes and networks 0 are left`);
}

function lookAround({ lab: { directory }, say: tell }: Tour): Promise<void> {
  tell(`cd ${join(directory, 'clone')}`);
  tell(`export PROVISIONING_HOME=${join(directory, 'home')} PROVISIONING_SSH_KEY=${join(directory, 'identity')}`);
  tell('provisioning ssh exec --all -- uptime; provisioning history; provisioning destroy --allow-deletes 13');
  return Promise.resolve();
}

async function apply(tour: Tour): Promise<void> {
  await run(tour, ['apply', '--auto-approve'], { say: tour.say });
}

/** What the shipped program prints; throws with its own words when it fails. */
async function run({ lab }: Tour, args: readonly string[], more: Pick<Running, 'input' | 'say'> = {}): Promise<string> {
  const { code, printed, said } = await lab.run(args, { ...more, environment: { NO_COLOR: '1' } });
  if (code !== 0) throw new Error(`provisioning ${args.join(' ')} ended with ${code}: ${printed}${said}`);
  return printed;
}

async function planCode({ lab }: Tour): Promise<number | null> {
  return (await lab.run(['plan', '--detailed-exitcode'])).code;
}

async function secret(lab: LocalWorkspace, path: string): Promise<string> {
  return (await lab.run(['secret', 'get', path, '--reveal'])).printed.trim();
}

/** Tells the lines of a text that matter here. */
function say(tour: Tour, text: string, matters: RegExp): void {
  for (const line of text.split('\n')) if (matters.test(line)) tour.say(`  ${line}`);
}

function hold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not as said: ${what}`);
}
