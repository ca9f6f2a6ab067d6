import type { HostSite } from './host-site.ts';
import { NOTES } from './subject.ts';

/** Everything that the subject, and we, may leave on a host; each answer after its name. */
const LOOK = `
say() { printf '%s=%s\\n' "$1" "$(eval "$2" 2>/dev/null | tr '\\n' ' ' | sed 's/ $//')"; }
say package 'dpkg-query -s hello | grep ^Status'
say file 'cat /etc/storm.conf'
say daemon 'systemctl is-active storm.service'
say read 'cat /run/storm.read'
say done 'cat ${NOTES}/done'
say runs 'grep -cx -e "$text" ${NOTES}/runs'
say kept 'ls /var/lib/provisioning/services'
say running "systemctl list-units --plain --no-legend 'provisioning-*'"
say halves "find /etc /run/provisioning /var/lib/provisioning -name '*.new' -o -name '*.provisioning-new'"
say broken 'dpkg --audit'
`;

/** What is not on the host as it shall be, in words; empty when all is. Nothing that the product believes takes part. */
export async function flawsOn(
  site: HostSite,
  text: string | null,
  runs: { readonly most: number },
): Promise<readonly string[]> {
  const seen = Object.fromEntries(
    (await site.inside(`text=$1\n${LOOK}`, text ?? '')).split('\n').flatMap(line => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  ) as { readonly [name: string]: string };
  const wanted: { readonly [name: string]: string } =
    text === null
      ? { package: '', file: '', daemon: 'inactive', done: '', kept: '' }
      : {
          package: 'Status: install ok installed',
          file: text,
          daemon: 'active',
          read: text,
          done: text,
          kept: 'storm.json',
        };
  const always = { running: '', halves: '', broken: '' };
  const flaws = Object.entries({ ...wanted, ...always })
    .filter(([name, value]) => seen[name] !== value)
    .map(([name, value]) => `${name} is "${seen[name]}", not "${value}"`);
  const count = Number(seen['runs']);
  if (text !== null && (count < 1 || count > runs.most)) flaws.push(`its task ran ${count} times`);
  return flaws;
}
