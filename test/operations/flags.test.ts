import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fieldToFlag, flagsOf } from '../../operations/flags.ts';
import { defineOperation } from '../../operations/operation.ts';

function flags(shape: z.ZodRawShape) {
  const operation = defineOperation({
    name: 'thing.show',
    summary: 'Show a thing.',
    example: 'provisioning thing show',
    permission: 'plan:read',
    safe: true,
    input: z.strictObject(shape),
    output: z.strictObject({}),
    run: () => Promise.resolve({}),
    text: () => '',
  });
  return flagsOf(operation);
}

describe('a field becomes a flag', () => {
  it.each<[string, z.ZodRawShape, object]>([
    ['text', { name: z.string().describe('Name.') }, { name: 'name', type: 'string', required: true }],
    [
      'optional text with a letter',
      { directory: z.string().optional().describe('Folder.').meta({ short: 'C' }) },
      { short: 'C', type: 'string' },
    ],
    [
      'a switch',
      { autoApprove: z.boolean().default(false).describe('Do not ask.') },
      { name: 'auto-approve', field: 'autoApprove', type: 'boolean', default: false },
    ],
    [
      'a number with bounds',
      { parallel: z.int().min(1).max(64).default(4).describe('At once.') },
      { type: 'int', min: 1, max: 64, default: 4 },
    ],
    [
      'a choice',
      { format: z.enum(['text', 'json']).default('text').describe('How.') },
      { type: 'choice', choices: ['text', 'json'] },
    ],
    ['a list', { target: z.array(z.string()).default([]).describe('Which.') }, { type: 'list' }],
    [
      'a positional',
      { address: z.string().describe('Which.').meta({ positional: true }) },
      { positional: true, required: true },
    ],
  ])('%s', (_, shape, expected) => {
    expect(flags(shape)[0]).toMatchObject(expected);
  });

  it('positionals first', () => {
    const found = flags({
      env: z.string().optional().describe('Env.'),
      address: z.string().describe('Which.').meta({ positional: true }),
    });
    expect(found.map(flag => flag.name)).toEqual(['address', 'env']);
  });

  it.each<[string, z.ZodRawShape]>([
    ['a shape that no flag has', { nested: z.strictObject({}).describe('No.') }],
    ['a fraction', { share: z.number().describe('No.') }],
    ['no description', { name: z.string() }],
  ])('not with %s', (_, shape) => {
    expect(() => flags(shape)).toThrow('thing.show');
  });
});

it.each([
  ['env', 'env'],
  ['allowDeletes', 'allow-deletes'],
  ['detailedExitcode', 'detailed-exitcode'],
])('%s is written --%s', (field, flag) => {
  expect(fieldToFlag(field)).toBe(flag);
});
