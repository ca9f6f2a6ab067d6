import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../platform/audit/port.ts';
import { sopsStore } from '../../platform/secrets/store.ts';
import type { Ports } from '../../reconciler/ports.ts';
import { runSecrets } from '../../reconciler/secrets.ts';
import { Fault } from '../../schemas/fault.ts';
import type { Plan } from '../../schemas/plan.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { listSecrets } from '../../schemas/sops/listing.ts';
import { RECORDED, SURROUNDINGS } from '../platform/secrets/recorded.ts';

const FILES = new Map([['secrets/db.sops.yaml', readFileSync(`${RECORDED}sealed/db.sops.yaml`)]]);
const PASSWORD = listSecrets(FILES).entries.find(({ path }) => path === 'db/password')?.version ?? '';
const use = { $secret: 'db/password', version: PASSWORD } as const;
const SPEC: Spec = {
  password: use,
  url: { $join: ['postgres://app:', use, '@10.0.0.5'] },
  later: { $join: ['x', { $ref: 'server/db.id' }] },
  list: [use, 1],
};
const PLAN = { digest: 'f'.repeat(64), changes: [{ after: SPEC }, { after: null }] } as unknown as Plan;

/** The parts of the ports that secrets are read with, and what was noted down. */
function desk(environment = SURROUNDINGS.environment, record?: (event: AuditEvent) => void) {
  const noted: AuditEvent[] = [];
  const masked = new Map<string, string>();
  const audit = {
    record: (event: AuditEvent): Promise<void> => {
      record?.(event);
      noted.push(event);
      return Promise.resolve();
    },
  };
  const ports = {
    secretStore: sopsStore({ ...SURROUNDINGS, environment }),
    audit,
    mask: masked.set.bind(masked),
  } as unknown as Ports;
  return { noted, masked, secrets: runSecrets(ports, { files: FILES, workspace: 'shop', commit: 'c'.repeat(40) }) };
}

describe('the secrets of a run', () => {
  it('are put in place of their uses, and nothing else is', async () => {
    const { secrets, masked } = desk();
    await expect(secrets.reveal(SPEC, 'taskserv.postgres/db')).resolves.toEqual({
      password: 'correct horse',
      url: 'postgres://app:correct horse@10.0.0.5',
      later: { $join: ['x', { $ref: 'server/db.id' }] },
      list: ['correct horse', 1],
    });
    expect([...masked]).toEqual([['db/password', 'correct horse']]);
  });

  it('are noted down before they are opened: who, which, what for, in which run, and never the value', async () => {
    const { secrets, noted } = desk();
    await secrets.prepare(PLAN, { id: 'run-1', actor: 'ann@desk' });
    await secrets.reveal({ password: use }, 'taskserv.postgres/db');
    expect(
      noted.map(({ actor, operation, facts }) => [
        actor,
        operation,
        facts?.['path'],
        facts?.['purpose'],
        facts?.['run'],
      ]),
    ).toEqual([
      ['ann@desk', 'secret.reveal', 'db/password', 'apply of plan ffffffffffff', 'run-1'],
      ['ann@desk', 'secret.reveal', 'db/password', 'taskserv.postgres/db', 'run-1'],
    ]);
    expect(JSON.stringify(noted)).not.toContain('correct');
    const refusing = desk(SURROUNDINGS.environment, () => {
      throw new Fault('unavailable', { id: 'AUDIT', what: 'the disk is full' });
    });
    await expect(refusing.secrets.prepare(PLAN, { id: 'run-1', actor: 'ann' })).rejects.toThrow('the disk is full');
  });

  it('stop a run before it begins when they cannot be opened', async () => {
    const { secrets } = desk({});
    const failure = await secrets.prepare(PLAN, { id: 'run-1', actor: 'ann' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Fault);
    expect(String(failure)).not.toContain('correct');
  });

  it('fail a change when they were written anew since the plan', async () => {
    const { secrets, noted } = desk();
    const stale = { password: { ...use, version: '000000000000' } };
    const failure = await secrets.reveal(stale, 'a').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProviderFault);
    expect((failure as ProviderFault).error).toMatchObject({ class: 'state', code: 'secret-changed' });
    expect(noted).toEqual([]);
  });
});
