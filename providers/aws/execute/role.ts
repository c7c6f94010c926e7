/** The roles that are made. */
import type { IAM, Role } from '@aws-sdk/client-iam';
import { ServerlessError, type CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { isDenied, isMissing, isNamed } from '../errors.ts';
import type { Executor, Statement, Target } from '../model.ts';
import { isOurs, ownerTags, tagList, tagsOfList } from '../events/tags.ts';
import { boundaryOf, setBoundary } from '../policy/boundary.ts';
import { covers, merged, policyDocument, statementsOf } from '../policy/document.ts';
import { POLICY } from '../policy/names.ts';
import { trustPolicy, type TrustedService } from '../policy/trust.ts';
import { unlessMissing } from '../replies.ts';
import { inputOf } from '../step-input.ts';

export const ensureRole: Executor = async (aws, step, call) => {
  const {
    target,
    roleName,
    creates,
    boundaryArn,
    setsBoundary = false,
    run,
    keepsRun,
    events,
  } = inputOf<{
    roleName: string;
    creates: boolean;
    boundaryArn: string | null;
    /** The role has another boundary, or may have. */
    setsBoundary?: boolean;
    run: readonly Statement[] | null;
    keepsRun: boolean;
    events: readonly Statement[] | null;
  }>(step);
  const iam = await aws.iam();
  let wasThere = true;
  if (creates) {
    const service = 'lambda.amazonaws.com';
    wasThere = await createRole(iam, target, call, { roleName, boundaryArn, service });
  } else if (setsBoundary) {
    await setBoundary(iam, { roleName, boundaryArn }, call);
  }
  let runIsWide = false;
  if (run) {
    const present = keepsRun ? await readPolicy(iam, roleName, POLICY.run, call) : [];
    const wide = merged(run, present);
    runIsWide = !covers(run, present);
    await putPolicy(iam, roleName, POLICY.run, wide, call);
  }
  if (events) {
    // What another operation has let it do since is not ours to take.
    const present = creates ? [] : await readPolicy(iam, roleName, POLICY.events, call);
    await putPolicy(iam, roleName, POLICY.events, merged(events, present), call);
  }
  // Of a role that an earlier function left, nobody knows what it allows.
  else if (creates && wasThere) await putPolicy(iam, roleName, POLICY.events, [], call);
  return { done: true, output: { runIsWide } };
};

export const narrowRole: Executor = async (aws, step, call) => {
  const { roleName, run, runIsWide, events } = inputOf<{
    roleName: string;
    run: readonly Statement[] | null;
    runIsWide: boolean;
    events: readonly Statement[] | null;
  }>(step);
  const iam = await aws.iam();
  if (run && runIsWide) await putPolicy(iam, roleName, POLICY.run, run, call);
  if (events) await putPolicy(iam, roleName, POLICY.events, events, call);
  return { done: true };
};

/** Made, or found to be ours. True when it was there. */
export async function createRole(
  iam: IAM,
  target: Target,
  call: CallContext,
  parts: {
    readonly roleName: string;
    readonly boundaryArn: string | null;
    readonly service: TrustedService;
  },
): Promise<boolean> {
  const { roleName, boundaryArn, service } = parts;
  const http = { abortSignal: call.signal };
  try {
    await iam.createRole(
      {
        RoleName: roleName,
        AssumeRolePolicyDocument: trustPolicy(service),
        Description: `For ${target.physicalName}, made by polyfaas`,
        Tags: tagList(ownerTags(target)),
        ...(boundaryArn === null ? {} : { PermissionsBoundary: boundaryArn }),
      },
      http,
    );
    return false;
  } catch (error) {
    if (!isNamed(error, 'EntityAlreadyExistsException', 'EntityAlreadyExists')) throw error;
    const role = await readOwn(iam, target, roleName, call);
    if (role !== undefined) {
      if (boundaryOf(role) !== boundaryArn) await setBoundary(iam, { roleName, boundaryArn }, call);
      return true;
    }
    throw new ServerlessError({
      code: 'ALREADY_EXISTS',
      provider: 'aws',
      function: target.ref.name,
      message: `The role "${roleName}" exists and does not belong to "${target.ref.name}". Delete it, or name a role in providerOptions.aws.roleArn.`,
      cause: error,
    });
  }
}

/** Undefined: it is somebody else's. One that is missing is an error of AWS's. */
export async function readOwn(
  iam: IAM,
  target: Pick<Target, 'ref'>,
  roleName: string,
  call: CallContext,
): Promise<Role | undefined> {
  const { Role: role } = await iam.getRole({ RoleName: roleName }, { abortSignal: call.signal });
  return isOurs(target, tagsOfList(role?.Tags)) ? role : undefined;
}

export async function putPolicy(
  iam: IAM,
  roleName: string,
  policyName: string,
  statements: readonly Statement[],
  call: CallContext,
): Promise<void> {
  const policy = { RoleName: roleName, PolicyName: policyName };
  const http = { abortSignal: call.signal };
  if (statements.length > 0) {
    await iam.putRolePolicy({ ...policy, PolicyDocument: policyDocument(statements) }, http);
    return;
  }
  // IAM takes no empty policy.
  await unlessMissing(iam.deleteRolePolicy(policy, http));
}

export async function readPolicy(
  iam: IAM,
  roleName: string,
  policyName: string,
  call: CallContext,
): Promise<readonly Statement[]> {
  try {
    const { PolicyDocument } = await iam.getRolePolicy(
      { RoleName: roleName, PolicyName: policyName },
      { abortSignal: call.signal },
    );
    return statementsOf(PolicyDocument);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

export const deleteRoleStep: Executor = async (aws, step, call) => {
  const { target, roleName, mayBeDenied } = inputOf<{
    roleName: string;
    mayBeDenied?: boolean;
  }>(step);
  try {
    await deleteRole(aws, target, roleName, call);
  } catch (error) {
    if (mayBeDenied !== true || !isDenied(error)) throw error;
    call.log.log('info', 'Roles cannot be read here, so none of ours was looked for', { roleName });
  }
  return { done: true };
};

/**
 * Deleted with all that hangs on it, if it is ours.
 *
 * @param policies names of the inline policies that it was made with. Default: those of a function's role.
 */
export async function deleteRole(
  aws: AwsClients,
  target: Target,
  roleName: string,
  call: CallContext,
  policies: readonly string[] = Object.values(POLICY),
): Promise<void> {
  const iam = await aws.iam();
  const http = { abortSignal: call.signal };
  const role = { RoleName: roleName };
  try {
    if ((await readOwn(iam, target, roleName, call)) === undefined) return;
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  for (const PolicyName of policies) {
    await unlessMissing(iam.deleteRolePolicy({ ...role, PolicyName }, http));
  }
  try {
    await iam.deleteRole(role, http);
  } catch (error) {
    if (isMissing(error)) return;
    if (!isNamed(error, 'DeleteConflictException', 'DeleteConflict')) throw error;
    await stripRole(iam, role, http);
    await unlessMissing(iam.deleteRole(role, http));
  }
}

/** What a hand added to it. */
async function stripRole(
  iam: IAM,
  role: { readonly RoleName: string },
  http: { readonly abortSignal: AbortSignal },
): Promise<void> {
  const inline = await iam.listRolePolicies(role, http);
  for (const PolicyName of inline.PolicyNames ?? []) {
    await unlessMissing(iam.deleteRolePolicy({ ...role, PolicyName }, http));
  }
  const attached = await iam.listAttachedRolePolicies(role, http);
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    if (PolicyArn === undefined) continue;
    await unlessMissing(iam.detachRolePolicy({ ...role, PolicyArn }, http));
  }
}
