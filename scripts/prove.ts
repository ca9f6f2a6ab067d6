// Proves services on a real host that take too long for every run of the tests: `npx tsx scripts/prove.ts desktop rabbitmq`.
import { openHosts } from '../test/hosts/open-hosts.ts';
import { BY_HAND } from '../test/taskservs/proofs.ts';
import { PREPARE, prove } from '../test/taskservs/prove.ts';
import { realHost } from '../test/taskservs/real-host.ts';

const names = process.argv.slice(2);
const proofs = BY_HAND.filter(({ service }) => names.length === 0 || names.includes(service));
const open = await openHosts(1, { subnet: '10.234.7.0/24', profile: 'container-host', memoryMib: 2048 });
try {
  const [only] = open.hosts;
  if (only === undefined) throw new Error('no host');
  const host = realHost(open, only);
  await host.ssh(['sh', '-c', PREPARE]);
  for (const proof of proofs) {
    const started = Date.now();
    await prove(host, proof);
    console.log(
      `${proof.service}: installed, in sync, changed, used and removed in ${Math.round((Date.now() - started) / 1000)} s`,
    );
  }
} finally {
  await open.close();
}
