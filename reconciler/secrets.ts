import type { OpenSecrets } from '../platform/secrets/port.ts';
import { asFault, type Fault } from '../schemas/fault.ts';
import { isObject, type Json } from '../schemas/json.ts';
import type { Sha, WorkspaceKey } from '../schemas/name.ts';
import type { Plan } from '../schemas/plan.ts';
import { type ProviderErrorClass, ProviderFault } from '../schemas/provider.ts';
import { eachSecret, isJoin, type Part, type Spec } from '../schemas/resource.ts';
import { isSecretUse, type SecretUse, type SecretValue } from '../schemas/secret.ts';
import type { Ports } from './ports.ts';

/** The secrets of one commit, in the hands of whoever applies it. A plan never opens them. */
export interface RunSecrets {
  /** Opens all that the plan will need, so that what cannot be opened is known before anything is written. Throws the Fault of the store. */
  prepare(plan: Plan, run: { readonly id: string; readonly actor: string }): Promise<void>;
  /** The spec with the values of its secrets, for the call that is about to be made. Throws ProviderFault. */
  reveal(spec: Spec, purpose: string): Promise<Spec>;
}

/** Where secrets are read, and for whom that is noted down. */
export interface SecretsOf {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly workspace: WorkspaceKey;
  readonly commit: Sha;
}

/** Secrets of a commit; nothing is read until a run begins. Each access is in the audit log before it happens. */
export function runSecrets(ports: Ports, { files, workspace, commit }: SecretsOf): RunSecrets {
  let run: { readonly id: string; readonly actor: string } = { id: '', actor: 'reconciler' };
  let opened: OpenSecrets | undefined;
  const open = (): OpenSecrets =>
    (opened ??= ports.secretStore.open(files, async access => {
      await ports.audit.record({
        actor: run.actor,
        operation: 'secret.reveal',
        permission: 'secret:use',
        target: workspace,
        facts: { ...access, commit, run: run.id },
      });
    }));
  const masked = (value: SecretValue): string => {
    ports.mask(value.path, value.reveal());
    return value.reveal();
  };
  const valueOf = async (use: SecretUse, purpose: string): Promise<string> => {
    const secrets = open();
    const now = secrets.entries.find(({ path }) => path === use.$secret)?.version;
    if (now !== use.version) throw changed(use);
    return masked(await secrets.reveal(use.$secret, purpose));
  };
  return {
    async prepare(plan, by) {
      run = by;
      const paths = new Set(plan.changes.flatMap(({ after }) => usesIn(after)));
      for (const path of paths) masked(await open().reveal(path, `apply of plan ${plan.digest.slice(0, 12)}`));
    },
    reveal: (spec, purpose) =>
      revealed(spec, use =>
        valueOf(use, purpose).catch((error: unknown) => {
          throw error instanceof ProviderFault ? error : refused(asFault(error));
        }),
      ),
  };
}

function usesIn(spec: Spec | null): readonly string[] {
  const paths: string[] = [];
  eachSecret(spec, use => paths.push(use.$secret));
  return paths;
}

/** A copy of the spec with values in place of uses; a text with secrets inside becomes one text. */
async function revealed(spec: Spec, valueOf: (use: SecretUse) => Promise<string>): Promise<Spec> {
  const walk = async (value: Json): Promise<Json> => {
    if (isSecretUse(value)) return valueOf(value);
    if (isJoin(value) && value.$join.every(isKnown)) return (await Promise.all(value.$join.map(textOf))).join('');
    if (Array.isArray(value)) return Promise.all((value as readonly Json[]).map(walk));
    if (!isObject(value)) return value;
    const members = Object.entries(value as { readonly [key: string]: Json });
    return Object.fromEntries(
      await Promise.all(members.map(async ([key, inner]) => [key, await walk(inner)] as const)),
    );
  };
  const textOf = async (part: Part): Promise<string> => (isSecretUse(part) ? valueOf(part) : String(part));
  return (await walk(spec)) as Spec;
}

function isKnown(part: Part): boolean {
  return typeof part === 'string' || isSecretUse(part);
}

function changed({ $secret }: SecretUse): ProviderFault {
  const message = `secret ${$secret} was written anew since this plan was made: plan again`;
  return new ProviderFault({ class: 'state', code: 'secret-changed', message });
}

/** What the store says, as a change fails with it. */
function refused({ code, problems }: Fault): ProviderFault {
  const classes: { readonly [code: string]: ProviderErrorClass } = {
    unavailable: 'transient',
    denied: 'unauthenticated',
  };
  const message = problems[0]?.what ?? 'a secret cannot be opened';
  return new ProviderFault({ class: classes[code] ?? 'invalid-input', code: 'secret', message });
}
