import { generateKeyPairSync, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultJson } from '../../../schemas/fault.ts';
import { type Asked, faultOf, stub, TOKEN } from './stub.ts';

const REPO = '/api/v3/repos/acme/infra';

describe('a GitHub App', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const privateKey = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const isSigned = ({ headers }: Asked): boolean => {
    const [head = '', claims = '', signature = ''] = (headers.authorization ?? '').replace(/^bearer /i, '').split('.');
    const { iss } = JSON.parse(Buffer.from(claims || 'e30', 'base64url').toString()) as { iss?: unknown };
    return (
      iss === '7' &&
      verify('sha256', Buffer.from(`${head}.${claims}`), keys.publicKey, Buffer.from(signature, 'base64url'))
    );
  };
  const tokens = `POST /api/v3/app/installations/5/access_tokens`;

  it('gets a token for the one repository, and a new one when it has ended', async () => {
    let issued = 0;
    const { github, asked, slept } = await stub(
      one => {
        if (one.line === 'GET /api/v3/app')
          return isSigned(one) ? { json: { slug: 'planner' } } : { status: 401, json: {} };
        if (one.line === `GET ${REPO}/installation`)
          return isSigned(one) ? { json: { id: 5 } } : { status: 401, json: {} };
        if (one.line === tokens && isSigned(one)) {
          issued += 1;
          const expires_at = new Date(Date.now() + 3_600_000).toISOString();
          return { status: 201, json: { token: `ghs_${issued}`, expires_at, permissions: { checks: 'write' } } };
        }
        return one.headers.authorization === 'token ghs_1' && asked.length > 4 ? { status: 401, json: {} } : undefined;
      },
      { credential: { appId: '7', privateKey } },
    );
    expect(await github.account()).toBe('planner[bot]');
    expect(await github.defaultBranch()).toBe('main');
    expect(await github.defaultBranch()).toBe('main');
    expect(issued).toBe(2);
    expect(slept).toEqual([1_000]);
    expect(asked.find(({ line }) => line === tokens)?.body).toEqual({ repositories: ['infra'] });
    expect(await github.gitCredential()).toEqual({ username: 'x-access-token', password: 'ghs_2' });
  });

  it('says that it is not installed', async () => {
    const { github } = await stub(() => undefined, { credential: { appId: '7', privateKey } });
    const fault = await faultOf(github.openPulls());
    expect(fault).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('installation of this GitHub App on acme/infra'),
    });
    expect(JSON.stringify(faultJson(fault))).not.toContain('PRIVATE');
  });
});

describe('what is loaded', () => {
  it('imports the library only when it is used', () => {
    const folder = new URL('../../../platform/github/', import.meta.url);
    for (const name of readdirSync(folder))
      expect(readFileSync(new URL(name, folder), 'utf8')).not.toMatch(/^import (?!type).*@octokit/m);
  });
});

describe('the account', () => {
  it('asks the other API for the token of a workflow', async () => {
    const { github, asked } = await stub(({ line }) => {
      if (line === 'GET /api/v3/user')
        return { status: 403, json: { message: 'Resource not accessible by integration' } };
      return line === 'POST /api/graphql'
        ? { json: { data: { viewer: { login: 'github-actions[bot]' } } } }
        : undefined;
    });
    expect(await github.account()).toBe('github-actions[bot]');
    expect(await github.account()).toBe('github-actions[bot]');
    expect(asked).toHaveLength(2);
  });

  it('hands the token to git', async () => {
    const { github } = await stub(() => undefined);
    expect(await github.gitCredential()).toEqual({ username: 'x-access-token', password: TOKEN });
  });
});
