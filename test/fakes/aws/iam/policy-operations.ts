/** What the IAM API does with the policies of roles. */
import { text, type Input } from '../core/operation.ts';
import type { FakeClock } from '../core/ports.ts';
import type { QueryOperation } from '../core/query-protocol.ts';
import { AwsFault } from '../core/service.ts';
import { MANAGED_POLICIES } from './managed-policies.ts';
import { page } from './page.ts';
import { parsePolicy } from './policy-document.ts';
import { ROLE_NAME } from './role-operations.ts';
import { attachedArns, inlineNames, Spreading, type Role, type Roles } from './roles.ts';

const RULES = { code: 'ValidationError' } as const;
const POLICY_NAME = { ...RULES, min: 1, max: 128, pattern: /[\w+=,.@-]+/ } as const;
/** Of all inline policies of a role together, without white space (IAM and STS quotas). */
const INLINE_LENGTH = 10_240;
const MAX_ATTACHED = 10;

export function policyOperations(
  roles: Roles,
  clock: FakeClock,
): Readonly<Record<string, QueryOperation>> {
  const roleOf = (input: Input): Role => roles.get(text(input, 'RoleName', ROLE_NAME));

  return {
    PutRolePolicy(input) {
      const role = roleOf(input);
      const name = text(input, 'PolicyName', POLICY_NAME);
      const document = text(input, 'PolicyDocument', { ...RULES, min: 1, max: 131_072 });
      parsePolicy(document, 'identity');
      const others = inlineNames(role)
        .filter((other) => other !== name)
        .map((other) => role.inline.get(other)?.written ?? '');
      if ([document, ...others].join('').replaceAll(/\s/g, '').length > INLINE_LENGTH) {
        const message = `Maximum policy size of ${INLINE_LENGTH} bytes exceeded for role ${role.name}`;
        throw new AwsFault(409, 'LimitExceeded', message);
      }
      const policy = role.inline.get(name) ?? new Spreading<string | null>(clock);
      // What is written again unchanged stays in force all the while.
      if (policy.written !== document) policy.set(document);
      role.inline.set(name, policy);
      return {};
    },
    GetRolePolicy(input) {
      const role = roleOf(input);
      const name = text(input, 'PolicyName', POLICY_NAME);
      return {
        RoleName: role.name,
        PolicyName: name,
        PolicyDocument: encodeURIComponent(documentOf(role, name)),
      };
    },
    ListRolePolicies: (input) => page(input, 'PolicyNames', inlineNames(roleOf(input))),
    DeleteRolePolicy(input) {
      const role = roleOf(input);
      const name = text(input, 'PolicyName', POLICY_NAME);
      documentOf(role, name);
      role.inline.get(name)?.set(null);
      return {};
    },
    AttachRolePolicy(input) {
      const role = roleOf(input);
      const arn = text(input, 'PolicyArn', { ...RULES, min: 20, max: 2048 });
      if (!MANAGED_POLICIES.has(arn)) {
        const message = `Policy ${arn} does not exist or is not attachable.`;
        throw new AwsFault(404, 'NoSuchEntity', message);
      }
      const attached = attachedArns(role);
      if (attached.includes(arn)) return {};
      if (attached.length >= MAX_ATTACHED) {
        const message = `Cannot exceed quota for PoliciesPerRole: ${MAX_ATTACHED}`;
        throw new AwsFault(409, 'LimitExceeded', message);
      }
      const isAttached = role.attached.get(arn) ?? new Spreading<boolean>(clock);
      isAttached.set(true);
      role.attached.set(arn, isAttached);
      return {};
    },
    DetachRolePolicy(input) {
      const role = roleOf(input);
      const arn = text(input, 'PolicyArn', { ...RULES, min: 20, max: 2048 });
      if (!attachedArns(role).includes(arn)) {
        throw new AwsFault(404, 'NoSuchEntity', `Policy ${arn} was not found.`);
      }
      role.attached.get(arn)?.set(false);
      return {};
    },
    ListAttachedRolePolicies(input) {
      const attached = attachedArns(roleOf(input)).map((arn) => ({
        PolicyName: arn.split('/').at(-1),
        PolicyArn: arn,
      }));
      return page(input, 'AttachedPolicies', attached);
    },
  };
}

function documentOf(role: Role, name: string): string {
  const document = role.inline.get(name)?.written;
  if (typeof document !== 'string') {
    const message = `The role policy with name ${name} cannot be found.`;
    throw new AwsFault(404, 'NoSuchEntity', message);
  }
  return document;
}
