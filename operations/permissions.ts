/** Every permission that exists, with what it allows. An operation that names another one is refused to everybody. */
export const PERMISSIONS: { readonly [permission: string]: string } = {
  'apply:destroy': 'delete everything that is recorded for a workspace',
  'apply:hold': 'stop applying and let it go on',
  'apply:rollback': 'take back what a run did',
  'apply:write': 'apply a plan',
  'audit:read': 'read and check the audit log of this machine',
  'demo:write': 'run the demo cloud and the tour',
  'machine:read': 'look at this machine and its tools',
  'machine:write': 'build images of local hosts on this machine',
  'plan:approve': 'record that a plan may be applied',
  'plan:read': 'compute plans and look for drift',
  'reconcile:write': 'follow a repository and apply what may be applied',
  'review:write': 'plan pull requests and answer them',
  'schema:read': 'print the schemas of files',
  'secret:issue': 'issue and withdraw credentials that end by themselves',
  'secret:read': 'list secrets and show one',
  'secret:write': 'change secrets, their keys and who can open them',
  'ssh:exec': 'run commands on servers',
  'ssh:read': 'print how servers are reached',
  'state:read': 'read recorded state and history',
  'state:write': 'rebuild or compact recorded state',
  'workspace:read': 'read and check workspace files',
  'workspace:write': 'write a new workspace into a folder',
};

/** What is asked of a policy: may this actor do this to that? */
export interface PermissionQuestion {
  readonly actor: string;
  readonly permission: string;
  /** Workspace folder, environment or address; empty when the operation has none. */
  readonly target: string;
}

/** The answer, with the reason when it is no. */
export type Permit = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

/** Decides who may do what. Pure: a door asks it before every operation. */
export interface Policy {
  permit(question: PermissionQuestion): Permit;
}

/**
 * The policy of a program on one's own machine: whoever owns the process may do whatever has a known name, because the
 * same person could as well read the home folder and use the credentials in it. Everybody else is refused.
 */
export function ownerPolicy(owner: string): Policy {
  return {
    permit({ actor, permission }) {
      if (!Object.hasOwn(PERMISSIONS, permission))
        return { allowed: false, why: `there is no permission ${permission}` };
      if (actor !== owner) return { allowed: false, why: `only ${owner}, who owns this process, may use it` };
      return { allowed: true };
    },
  };
}
