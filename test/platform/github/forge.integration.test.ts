import { expect, it, onTestFinished } from 'vitest';
import { openGithub } from '../../../platform/github/github.ts';
import type { GithubCredential } from '../../../platform/github/credential.ts';
import { openForge, type TestForge } from '../../forge/forge.ts';
import { forgeContract, type Site } from './forge-contract.ts';
import { faultOf, waitingWorld } from './stub.ts';

type SignIn = (forge: TestForge) => { readonly login: string; readonly credential: GithubCredential };

async function site(signIn: SignIn): Promise<Site> {
  const forge = await openForge();
  onTestFinished(() => forge.close());
  const access = { robot: 'write', ada: 'write', bob: 'write', cyd: 'write', root: 'admin' } as const;
  const repository = await forge.repository('acme/infra', { access, files: { 'main.yaml': 'version: 1\n' } });
  const { login, credential } = signIn(forge);
  const world = waitingWorld();
  const github = await openGithub({ repository: 'acme/infra', apiUrl: forge.apiUrl, credential, world });
  return { forge, repository, github, login, slept: world.slept };
}

const asToken: SignIn = forge => ({ login: 'robot', credential: { token: forge.token('robot') } });

const asApp: SignIn = forge => {
  const { appId, privateKey, login } = forge.app({ slug: 'planner', repositories: ['acme/infra'] });
  return { login, credential: { appId, privateKey } };
};

forgeContract('with a token', { marks: 'statuses', open: () => site(asToken) });
forgeContract('as an App', { marks: 'runs', open: () => site(asApp) });

it('names the permission that an App does not have', async () => {
  const { github, repository } = await site(forge => {
    const permissions = { checks: 'read', contents: 'read' } as const;
    const { appId, privateKey, login } = forge.app({ slug: 'planner', repositories: ['acme/infra'], permissions });
    return { login, credential: { appId, privateKey } };
  });
  const check = { name: 'provisioning/plan', state: 'success', title: 'T', summary: 'S', text: '', url: null } as const;
  const sha = (await repository.tip('main')) ?? '';
  const fault = await faultOf(github.check({ ...check, sha, annotations: [] }));
  expect(fault).toMatchObject({ code: 'denied', problems: [{ fix: expect.stringContaining('checks=write') }] });
});

it('is not installed everywhere, and sees nothing of strangers', async () => {
  const stranger = await site(forge => {
    const { appId, privateKey, login } = forge.app({ slug: 'planner', repositories: ['acme/other'] });
    return { login, credential: { appId, privateKey } };
  });
  expect(await faultOf(stranger.github.openPulls())).toMatchObject({ code: 'usage' });
  const nobody = await site(forge => ({ login: 'nobody', credential: { token: forge.token('nobody') } }));
  expect(await faultOf(nobody.github.pull(1))).toMatchObject({ code: 'usage' });
});
