/** IAM: roles, their policies, and what these come to. */
import type { IamPort, World } from '../core/ports.ts';
import { queryService } from '../core/query-protocol.ts';
import type { Authentication } from '../core/server.ts';
import type { Service } from '../core/service.ts';
import { decide, trusts, type PolicyContext } from './policy-document.ts';
import { policyOperations } from './policy-operations.ts';
import { createServiceLinkedRole, roleOperations, SERVICE_LINKED } from './role-operations.ts';
import { Roles } from './roles.ts';
import { Sessions, type UserCredentials } from './sessions.ts';

/** One question that was asked of a role's policies. */
export interface PolicyCheck {
  readonly roleName: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** What the fake itself needs of IAM beyond the port. */
export interface FakeIam extends IamPort {
  roleAllows(roleArn: string, action: string, resource: string, context?: PolicyContext): boolean;
  /** Every question that was asked so far, oldest first. */
  checks(): readonly PolicyCheck[];
  authenticate(accessKeyId: string, sessionToken: string | undefined): Authentication;
  /** Keys of a user who may do everything. */
  user(name: string): UserCredentials;
  /** A service makes the role that it needs; nothing happens when it is there. */
  ensureServiceLinkedRole(service: string): string;
  readonly roles: Roles;
  readonly sessions: Sessions;
}

export function createIamService(
  world: Pick<World, 'clock' | 'account'>,
): Service & { readonly port: FakeIam } {
  const { clock, account } = world;
  const roles = new Roles(clock, account);
  const sessions = new Sessions(clock, account);
  const checks: PolicyCheck[] = [];

  const port: FakeIam = {
    roles,
    sessions,
    canAssume(roleArn, servicePrincipal) {
      const role = roles.byArn(roleArn);
      if (!role || !roles.isKnown(role)) return false;
      return trusts(roles.trust(role), 'Service', [servicePrincipal]);
    },
    roleAllows(roleArn, action, resource, context) {
      const role = roles.byArn(roleArn);
      const allowed =
        role !== undefined && decide(roles.statements(role), action, resource, context) === 'Allow';
      checks.push({ roleName: roleArn.split('/').at(-1) ?? roleArn, action, resource, allowed });
      return allowed;
    },
    session: (roleArn, name) => sessions.role(roleArn, name),
    callerOf: (accessKeyId) => sessions.callerOf(accessKeyId),
    roleExists: (roleArn) => roles.byArn(roleArn) !== undefined,
    checks: () => [...checks],
    user: (name) => sessions.user(name),
    ensureServiceLinkedRole(service) {
      const name = SERVICE_LINKED[service] ?? service;
      return (roles.find(name) ?? createServiceLinkedRole(roles, service, name)).arn;
    },
    authenticate(accessKeyId, sessionToken) {
      const who = sessions.authenticate(accessKeyId, sessionToken);
      if (typeof who === 'string') return { refused: who };
      const { caller, roleArn } = who;
      if (roleArn === undefined) return { caller };
      return {
        caller,
        allows: (action, resource) => port.roleAllows(roleArn, action, resource),
      };
    },
  };

  const service = queryService({
    id: 'iam',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    operations: { ...roleOperations(roles), ...policyOperations(roles, clock) },
    resource: (_, input) => {
      const name = input['RoleName'];
      return typeof name === 'string'
        ? (roles.find(name)?.arn ?? `arn:aws:iam::${account}:role/${name}`)
        : '*';
    },
    // A service-linked role belongs to its service, and stays for the account.
    inventory: () =>
      roles.all
        .filter(({ path }) => !path.startsWith('/aws-service-role/'))
        .map(({ name }) => `iam role ${name}`),
  });
  return { ...service, port };
}
