/** Names of what stands between a source and the function. They follow from the function and the binding alone. */
import { shortHash } from 'polyfaas/spi';
import type { Target } from '../model.ts';
import { distinctRoleName, type RoleOwner } from '../names.ts';
import { placeOf } from './arn.ts';

type Named = Pick<Target, 'physicalName'>;

/** Rules and schedules have names of at most 64 characters (EventBridge and EventBridge Scheduler API references). */
const RULE_LENGTH = 64;
/** `-` and 8 characters. */
const HASH_LENGTH = 9;

/** The name of the rule, or of the schedule, of a binding. The hash keeps `a-b` + `c` and `a` + `b-c` apart. */
export function ruleName({ physicalName }: Named, bindingId: string): string {
  const readable = `${physicalName}-${bindingId}`.slice(0, RULE_LENGTH - HASH_LENGTH);
  return `${readable}-${bindingHash(physicalName, bindingId)}`;
}

/** What the names of all rules and schedules of a function begin with. */
export function ruleNamePrefix({ physicalName }: Named): string {
  return `${physicalName}-`.slice(0, RULE_LENGTH - HASH_LENGTH);
}

function bindingHash(physicalName: string, bindingId: string): string {
  return shortHash(`${physicalName}\u0000${bindingId}`);
}

/** What marks the entries of a bucket's notification configuration that are ours. */
export const CONFIGURATION_PREFIX = 'polyfaas-';

/**
 * The `Id` of a binding's entry in a bucket's notification configuration. Functions share a bucket, and S3 takes an id
 * once: the hash keeps `a-b` + `c` and `a` + `b-c` apart.
 */
export function configurationId({ physicalName }: Named, bindingId: string): string {
  // At most 9 + 64 + 1 + 64 + 9 of the 255 characters that an id may have.
  return `${CONFIGURATION_PREFIX}${physicalName}-${bindingId}-${bindingHash(physicalName, bindingId)}`;
}

/** What marks the statements of the alias's policy that are ours. */
export const STATEMENT_PREFIX = 'polyfaas-';

/** The id of the statement that lets a source call the function: the same content always has the same id. */
export function statementId(kind: 'topic' | 'object' | 'bus' | 'http', sourceArn: string): string {
  return `${STATEMENT_PREFIX}${kind}-${shortHash(sourceArn)}`;
}

/**
 * The role that EventBridge Scheduler takes to call the function. Roles belong to an account and functions to a region,
 * so the region is part of the name; and the name begins as those of all roles that polyfaas makes.
 */
export function schedulerRoleName(target: RoleOwner & Pick<Target, 'functionArn'>): string {
  const { region } = placeOf(target);
  return distinctRoleName(target, `polyfaas-${target.physicalName}-${region}-scheduler`);
}

/** Names of authorizers of ours: `jwt-` and a hash. */
export const AUTHORIZER_NAME = /^jwt-[a-z2-7]{8}$/;

/** The name of the authorizer for one issuer and its audiences. */
export function authorizerName(issuer: string, audience: readonly string[]): string {
  return `jwt-${shortHash([issuer, ...audience].join('\u0000'))}`;
}
