import type { CallContext } from 'polyfaas/spi';
import type { IAM, Role } from '@aws-sdk/client-iam';
import { deleteRole } from '../../execute/role.ts';
import type { AwsClients } from '../../clients/index.ts';
import { aliasArn, type Executor, type Target } from '../../model.ts';
import { boundaryOf, setBoundary } from '../../policy/boundary.ts';
import { samePolicy, statementsOf } from '../../policy/document.ts';
import { trustPolicy } from '../../policy/trust.ts';
import type { Problem } from '../drift/scope.ts';
import { ifThere, isNamed, refusal } from '../failures.ts';
import { schedulerRoleName } from '../names.ts';
import { done, inputOf } from '../steps.ts';
import { isOurs, ownerTags, tagList, tagsOfList } from '../tags.ts';

const POLICY_NAME = 'polyfaas';
/** Names of the inline policies that the role is made with. */
export const SCHEDULER_POLICIES: readonly string[] = [POLICY_NAME];

interface RoleWish {
  readonly roleName: string;
  readonly boundaryArn: string | null;
}

/** Makes the role that the scheduler takes, or finds it. Answers `{ arn }`. */
export const ensureSchedulerRole: Executor = async (aws, step, call) => {
  const { target, ...wish } = inputOf<RoleWish>(step);
  const { roleName } = wish;
  const iam = await aws.iam();
  const role = (await readRole(iam, roleName, call)) ?? (await createRole(iam, target, wish, call));
  if (!isOurs(target, tagsOfList(role?.Tags))) {
    throw refusal(
      target,
      'ALREADY_EXISTS',
      `There is a role "${roleName}" that polyfaas did not make for this function, and its schedules need one of that name. Delete or rename that role.`,
    );
  }
  const { boundaryArn } = wish;
  if (boundaryOf(role) !== boundaryArn) await setBoundary(iam, { roleName, boundaryArn }, call);
  // Each time: an earlier attempt may have ended between the two calls.
  await iam.putRolePolicy(
    { RoleName: roleName, PolicyName: POLICY_NAME, PolicyDocument: invokePolicy(target) },
    { abortSignal: call.signal },
  );
  return done({ arn: role?.Arn ?? '' });
};

export const deleteSchedulerRole: Executor = async (aws, step, call) => {
  const { target, roleName } = inputOf<{ roleName: string }>(step);
  await deleteRole(aws, target, roleName, call, SCHEDULER_POLICIES);
  return done();
};

/** What is wrong with the role, or undefined. */
export async function schedulerRoleDrift(
  aws: AwsClients,
  target: Target,
  boundaryArn: string | null,
  call: CallContext,
): Promise<Problem> {
  const iam = await aws.iam();
  const roleName = schedulerRoleName(target);
  const role = await readRole(iam, roleName, call);
  if (role === undefined) return 'the role that its schedule takes is gone';
  if (boundaryOf(role) !== boundaryArn) {
    return 'the role that its schedule takes has another permissions boundary';
  }
  const policy = await ifThere(
    iam.getRolePolicy(
      { RoleName: roleName, PolicyName: POLICY_NAME },
      { abortSignal: call.signal },
    ),
  );
  const wished = statementsOf(invokePolicy(target));
  return samePolicy(statementsOf(policy?.PolicyDocument), wished)
    ? undefined
    : 'the role that its schedule takes may not call the function';
}

async function readRole(iam: IAM, roleName: string, call: CallContext): Promise<Role | undefined> {
  const found = await ifThere(iam.getRole({ RoleName: roleName }, { abortSignal: call.signal }));
  return found?.Role;
}

async function createRole(
  iam: IAM,
  target: Target,
  { roleName, boundaryArn }: RoleWish,
  call: CallContext,
): Promise<Role | undefined> {
  const tags = tagList(ownerTags(target));
  try {
    const { Role } = await iam.createRole(
      {
        RoleName: roleName,
        Description: `Lets EventBridge Scheduler call ${target.physicalName}`,
        AssumeRolePolicyDocument: trustPolicy('scheduler.amazonaws.com'),
        ...(boundaryArn === null ? {} : { PermissionsBoundary: boundaryArn }),
        Tags: tags,
      },
      { abortSignal: call.signal },
    );
    // Not every reply to this call tells them.
    return Role === undefined ? undefined : { ...Role, Tags: tags, ...boundedBy(boundaryArn) };
  } catch (error) {
    if (isNamed(error, 'EntityAlreadyExistsException', 'EntityAlreadyExists')) {
      return await readRole(iam, roleName, call);
    }
    throw error;
  }
}

function boundedBy(boundaryArn: string | null): Pick<Role, 'PermissionsBoundary'> {
  return boundaryArn === null
    ? {}
    : { PermissionsBoundary: { PermissionsBoundaryArn: boundaryArn } };
}

function invokePolicy(target: Target): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [aliasArn(target)] },
    ],
  });
}
