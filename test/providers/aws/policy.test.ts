import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EC2_ACTIONS, ELB_ACTIONS } from '../../../providers/aws/actions.ts';

const folder = new URL('../../../providers/aws/', import.meta.url);
const sources = readdirSync(folder)
  .filter(name => name !== 'actions.ts')
  .map(name => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');
const page = readFileSync(new URL('../../../docs/providers/aws.md', import.meta.url), 'utf8');

/** Every `'DescribeVpcs'` of the code that is named as the actions are. */
const used = new Set([...sources.matchAll(/'([A-Z][a-z]+(?:[A-Z][a-z0-9]*)+)'/g)].map(match => match[1]));

const named = { ...EC2_ACTIONS, ...ELB_ACTIONS };

it('uses every action that it lists, and lists every action that it uses', () => {
  expect(Object.keys(named).filter(action => !used.has(action))).toEqual([]);
  const called = [...sources.matchAll(/\b(?:ec2|elb)\(\s*call,\s*'(\w+)'/g)].map(match => match[1] ?? '');
  expect(called.length).toBeGreaterThan(40);
  expect(called.filter(action => !Object.hasOwn(named, action))).toEqual([]);
});

it('documents a policy that allows exactly these actions', () => {
  const text = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const policy = JSON.parse(text) as { readonly Statement: readonly { readonly Action: readonly string[] }[] };
  const allowed = policy.Statement.flatMap(statement => statement.Action);
  const wanted = [
    ...Object.keys(EC2_ACTIONS).map(action => `ec2:${action}`),
    ...Object.keys(ELB_ACTIONS).map(action => `elasticloadbalancing:${action}`),
  ];
  expect([...allowed].sort()).toEqual(wanted.sort());
});

it('loads the clients of AWS only when they are needed', () => {
  expect(sources).not.toMatch(/^import [^;]*from '@aws-sdk/m);
  expect(sources.match(/await import\(.@aws-sdk|\bimport\('@aws-sdk[^']+'\)\.then/g)).toHaveLength(2);
});
