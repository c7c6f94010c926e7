/** Names that follow from a function's own. Pure, so that plans can hold them before anything exists. */
import { shortHash, type FunctionRef, type ProviderIdentity } from 'polyfaas/spi';
import { partitionOf } from './region.ts';
import { TAG } from './record.ts';

/** IAM API reference, `CreateRole`: a role's name has at most 64 characters. */
const ROLE_NAME_LENGTH = 64;

/** Whose roles they are. */
export interface RoleOwner {
  readonly physicalName: string;
  /** Its roles have the names that differ by case alone: they were made when all did. Default false. */
  readonly plainRoles?: boolean;
}

/**
 * Roles belong to an account, functions to a region: so the region is part of the name. Every role's name begins with
 * `polyfaas-`, so that a deployer's policy can be held to those. Names of functions differ by case, which those of roles
 * must not (IAM API reference, `CreateRole`): a hash tells them apart.
 *
 * @param use `run`: what the function may do. `schedule`: what EventBridge Scheduler may do with it.
 */
export function roleName(owner: RoleOwner, region: string, use: 'run' | 'schedule'): string {
  const suffix = use === 'run' ? '' : '-sched';
  return distinctRoleName(owner, `polyfaas-${owner.physicalName}-${region}${suffix}`);
}

/** @param name of a role of the owner's. */
export function distinctRoleName({ physicalName, plainRoles }: RoleOwner, name: string): string {
  const isPlain = plainRoles === true || !/[A-Z]/.test(physicalName);
  if (isPlain && name.length <= ROLE_NAME_LENGTH) return name;
  const hash = shortHash(name);
  return `${name.slice(0, ROLE_NAME_LENGTH - hash.length - 1)}-${hash}`;
}

/** True for a function whose role was made before the names told cases apart: it is not made anew. */
export function hasPlainRoles({
  physicalName,
  functionArn: arn,
  latest,
}: {
  readonly physicalName: string;
  readonly functionArn: string;
  readonly latest: { readonly roleArn: string } | null;
}): boolean {
  if (latest === null || !/[A-Z]/.test(physicalName)) return false;
  const region = arn.split(':')[3] ?? '';
  const plain = roleName({ physicalName, plainRoles: true }, region, 'run');
  return latest.roleArn.endsWith(`:role/${plain}`);
}

export function roleArn(
  identity: ProviderIdentity,
  owner: RoleOwner,
  use: 'run' | 'schedule',
): string {
  const { account, region } = identity;
  return `arn:${partitionOf(region)}:iam::${account}:role/${roleName(owner, region, use)}`;
}

export function functionArn(identity: ProviderIdentity, physicalName: string): string {
  const { account, region } = identity;
  return `arn:${partitionOf(region)}:lambda:${region}:${account}:function:${physicalName}`;
}

/** The account that an ARN names; undefined for what is none. */
export function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}

/** An ARN of this account and region: `arnOf(identity, 'sqs', 'orders')`. */
export function arnOf(identity: ProviderIdentity, service: string, resource: string): string {
  const { account, region } = identity;
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}

/** Where Lambda writes a function's log unless it is told otherwise. */
export function logGroupName(physicalName: string): string {
  return `/aws/lambda/${physicalName}`;
}

/** The tags that say whose a resource is. */
export function ownershipTags(ref: FunctionRef): Readonly<Record<string, string>> {
  return { [TAG.app]: ref.app, [TAG.stage]: ref.stage, [TAG.function]: ref.name };
}

/** True when the tags are those of this function, and of no other. */
export function isOwnedBy(
  ref: FunctionRef,
  tags: Readonly<Record<string, string | undefined>>,
): boolean {
  return (
    tags[TAG.app] === ref.app && tags[TAG.stage] === ref.stage && tags[TAG.function] === ref.name
  );
}

/** Where zips that are too large for a request lie, and nothing else. */
export function artifactPrefix(ref: FunctionRef): string {
  return `polyfaas/${ref.app}/${ref.stage}/${ref.name}/`;
}
