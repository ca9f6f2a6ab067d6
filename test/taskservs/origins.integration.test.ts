import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASKSERVS } from '../../taskservs/index.ts';
import type { TaskService } from '../../schemas/taskserv.ts';
import { type OpenHosts, openHosts } from '../hosts/open-hosts.ts';
import { type Origin, openOrigin } from './origin/origin.ts';
import { packageProofs } from './origin/packages.ts';
import { TRIED } from './origin/proven.ts';
import { realProofs } from './origin/real.ts';
import { type OriginProof, releaseProofs } from './origin/releases.ts';
import { type RealHost, realHost } from './real-host.ts';

function serviceOf(name: string): TaskService {
  const service = TASKSERVS[name];
  if (service === undefined) throw new Error(`there is no service ${name}`);
  return service;
}

async function prove(host: RealHost, proof: OriginProof): Promise<void> {
  const { service: name, parameters, changed, before, use } = proof;
  const service = serviceOf(name);
  if (before !== undefined) await host.ssh(['sh', '-c', before]);
  await host.apply(service, parameters);
  expect(await host.pending(service, parameters), `${name}: nothing to do after installing`).toEqual([]);
  await host.apply(service, changed);
  expect(await host.pending(service, changed), `${name}: nothing to do after the change`).toEqual([]);
  if (use !== undefined) expect(await host.ssh(['sh', '-c', use.script]), `${name}: used`).toMatch(use.prints);
  const after = await host.remove(service, changed);
  expect(after.markers[name], `${name}: forgotten`).toBeUndefined();
  expect(Object.values(after.releases), `${name}: its programs are gone`).not.toContainEqual(expect.anything());
}

/** All are tried, one after the other, and all that failed are told. */
async function proveAll(host: RealHost, proofs: readonly OriginProof[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const proof of proofs) {
    const started = Date.now();
    try {
      await prove(host, proof);
      console.log(`${proof.service}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
    } catch (error) {
      const why = `${proof.service}: ${error instanceof Error ? error.message : String(error)}`;
      console.log(why);
      failed.push(why);
    }
  }
  return failed;
}

/** What fetches and unpacks is there already: else every service would bring it and take it away again. */
const PREPARE = 'apt-get -qq update && apt-get -qq -y install ca-certificates curl git unzip xz-utils >/dev/null';

describe('services of releases and of repositories of others on real hosts', () => {
  let open: OpenHosts;
  let origin: Origin;
  let hosts: readonly RealHost[];
  beforeAll(async () => {
    open = await openHosts(4, { subnet: '10.214.1.0/24', profile: 'container-host', memoryMib: 2048 });
    origin = await openOrigin('10.214.1.1');
    hosts = open.hosts.map(host => realHost(open, host));
    await Promise.all(hosts.map(host => host.ssh(['sh', '-c', PREPARE])));
  }, 300_000);
  afterAll(async () => {
    await origin?.close();
    await open?.close();
  });
  const at = (index: number): RealHost => hosts[index] as RealHost;

  it('are installed, verified, in sync, changed or upgraded, and removed', async () => {
    const tried = (all: readonly OriginProof[]) => all.filter(({ service }) => TRIED.includes(service));
    const releases = tried(await releaseProofs(origin));
    const packages = tried(await packageProofs(origin));
    const real = tried(await realProofs(origin));
    const half = Math.ceil(releases.length / 2);
    const failed = await Promise.all([
      proveAll(at(0), packages),
      proveAll(at(1), releases.slice(0, -half)),
      proveAll(at(2), releases.slice(-half)),
      proveAll(at(3), real),
    ]);
    expect(failed.flat()).toEqual([]);
  }, 1_800_000);
});
