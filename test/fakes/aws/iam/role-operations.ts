/** What the IAM API does with roles. */
import {
  objects,
  optionalInteger,
  optionalObjects,
  optionalText,
  text,
  texts,
  type Input,
} from '../core/operation.ts';
import type { QueryOperation } from '../core/query-protocol.ts';
import { AwsFault } from '../core/service.ts';
import { page } from './page.ts';
import { parsePolicy } from './policy-document.ts';
import { attachedArns, inlineNames, type Role, type Roles } from './roles.ts';

const RULES = { code: 'ValidationError' } as const;
export const ROLE_NAME = { ...RULES, min: 1, max: 64, pattern: /[\w+=,.@-]+/ } as const;
const DOCUMENT = { ...RULES, min: 1, max: 131_072 } as const;
/** The quota of characters in a trust policy, without white space (IAM and STS quotas). */
const TRUST_LENGTH = 2048;
const MAX_TAGS = 50;

export function roleOperations(roles: Roles): Readonly<Record<string, QueryOperation>> {
  return {
    CreateRole(input) {
      const role = roles.create({
        name: text(input, 'RoleName', ROLE_NAME),
        path: pathOf(input),
        trust: trustOf(input, 'AssumeRolePolicyDocument'),
        description: optionalText(input, 'Description', { ...RULES, max: 1000 }),
        maxSessionSeconds: sessionSeconds(input),
        permissionsBoundary: optionalText(input, 'PermissionsBoundary', RULES),
        tags: tagsOf(input),
      });
      return { Role: describe(role) };
    },
    GetRole: (input) => ({ Role: describe(roles.get(text(input, 'RoleName', ROLE_NAME))) }),
    ListRoles(input) {
      const prefix = optionalText(input, 'PathPrefix', RULES) ?? '/';
      const found = roles.all.filter(({ path }) => path.startsWith(prefix));
      return page(input, 'Roles', found.map(summary));
    },
    UpdateRole(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      role.description = optionalText(input, 'Description', { ...RULES, max: 1000 });
      role.maxSessionSeconds = sessionSeconds(input) ?? role.maxSessionSeconds;
      return {};
    },
    PutRolePermissionsBoundary(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      role.permissionsBoundary = text(input, 'PermissionsBoundary', RULES);
      return {};
    },
    DeleteRolePermissionsBoundary(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      if (role.permissionsBoundary === undefined) {
        throw new AwsFault(
          404,
          'NoSuchEntity',
          `The role with name ${role.name} has no permissions boundary.`,
        );
      }
      role.permissionsBoundary = undefined;
      return {};
    },
    UpdateAssumeRolePolicy(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      role.trust.set(trustOf(input, 'PolicyDocument'));
      return {};
    },
    DeleteRole(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      if (role.path.startsWith('/aws-service-role/')) {
        throw new AwsFault(
          400,
          'UnmodifiableEntity',
          `Cannot perform the operation on the protected role '${role.name}'`,
        );
      }
      if (attachedArns(role).length > 0) {
        throw conflict('Cannot delete entity, must detach all policies first.');
      }
      if (inlineNames(role).length > 0) {
        throw conflict('Cannot delete entity, must delete policies first.');
      }
      roles.delete(role);
      return {};
    },
    TagRole(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      const tags = { ...Object.fromEntries(role.tags), ...tagsOf(input, true) };
      checkTagCount(tags);
      for (const [key, value] of Object.entries(tags)) role.tags.set(key, value);
      return {};
    },
    UntagRole(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      for (const key of texts(input, 'TagKeys', RULES)) role.tags.delete(key);
      return {};
    },
    ListRoleTags(input) {
      const role = roles.get(text(input, 'RoleName', ROLE_NAME));
      return page(input, 'Tags', tagList(role));
    },
    CreateServiceLinkedRole(input) {
      const service = text(input, 'AWSServiceName', { ...RULES, max: 128, pattern: /[\w+=,.@-]+/ });
      const name = SERVICE_LINKED[service];
      if (name === undefined) {
        throw new AwsFault(
          400,
          'InvalidInput',
          `Service-linked roles are not known for the service ${service}.`,
        );
      }
      if (roles.find(name)) {
        const message = `Service role name ${name} has been taken in this account, please try a different suffix.`;
        throw new AwsFault(400, 'InvalidInput', message);
      }
      return { Role: describe(createServiceLinkedRole(roles, service, name)) };
    },
  };
}

/** The roles that services make for themselves. */
export const SERVICE_LINKED: Readonly<Record<string, string>> = {
  'lambda.application-autoscaling.amazonaws.com':
    'AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency',
  'ops.apigateway.amazonaws.com': 'AWSServiceRoleForAPIGateway',
};

export function createServiceLinkedRole(roles: Roles, service: string, name: string): Role {
  const Statement = [
    { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' },
  ];
  const trust = JSON.stringify({ Version: '2012-10-17', Statement });
  return roles.create({ name, path: `/aws-service-role/${service}/`, trust });
}

function conflict(message: string): AwsFault {
  return new AwsFault(409, 'DeleteConflict', message);
}

function pathOf(input: Input): string {
  const path = optionalText(input, 'Path', { ...RULES, min: 1, max: 512 }) ?? '/';
  if (!/^\/(?:[!-~]+\/)?$/.test(path)) {
    const message =
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.';
    throw new AwsFault(400, 'ValidationError', message);
  }
  return path;
}

function sessionSeconds(input: Input): number | undefined {
  return optionalInteger(input, 'MaxSessionDuration', { ...RULES, min: 3600, max: 43_200 });
}

function trustOf(input: Input, member: string): string {
  const document = text(input, member, DOCUMENT);
  parsePolicy(document, 'trust');
  if (document.replaceAll(/\s/g, '').length > TRUST_LENGTH) {
    throw new AwsFault(
      409,
      'LimitExceeded',
      `Cannot exceed quota for ACLSizePerRole: ${TRUST_LENGTH}`,
    );
  }
  return document;
}

function tagsOf(input: Input, isRequired = false): Readonly<Record<string, string>> {
  const given = isRequired
    ? objects(input, 'Tags', RULES)
    : (optionalObjects(input, 'Tags', RULES) ?? []);
  const tags: Record<string, string> = {};
  for (const tag of given) {
    const key = text(tag, 'Key', {
      ...RULES,
      min: 1,
      max: 128,
      pattern: /[\p{L}\p{Z}\p{N}_.:/=+\-@]+/u,
    });
    if (Object.hasOwn(tags, key)) {
      throw new AwsFault(
        400,
        'InvalidInput',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      );
    }
    tags[key] = text(tag, 'Value', { ...RULES, max: 256, pattern: /[\p{L}\p{Z}\p{N}_.:/=+\-@]*/u });
    if (/^aws:/i.test(key)) {
      throw new AwsFault(400, 'InvalidInput', 'Tag keys that begin with aws: are reserved.');
    }
  }
  checkTagCount(tags);
  return tags;
}

function checkTagCount(tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length <= MAX_TAGS) return;
  throw new AwsFault(
    409,
    'LimitExceeded',
    `The number of tags has reached the maximum limit: ${MAX_TAGS}.`,
  );
}

function tagList(role: Role): readonly object[] {
  return [...role.tags].map(([Key, Value]) => ({ Key, Value }));
}

function summary(role: Role): object {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    // Documents travel percent-encoded in replies (IAM API reference, GetRole).
    AssumeRolePolicyDocument: encodeURIComponent(role.trust.written ?? ''),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

function describe(role: Role): object {
  return {
    ...summary(role),
    ...(role.permissionsBoundary !== undefined && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'Policy',
        PermissionsBoundaryArn: role.permissionsBoundary,
      },
    }),
    ...(role.tags.size > 0 && { Tags: tagList(role) }),
    RoleLastUsed: {},
  };
}
