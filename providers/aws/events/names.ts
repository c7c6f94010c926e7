/** Names of what stands between a source and the function. They follow from the function and the binding alone. */
import { shortHash } from 'polyfaas/spi';
import type { Target } from '../model.ts';

type Named = Pick<Target, 'physicalName'>;

/** Rules and schedules have names of at most 64 characters (EventBridge and EventBridge Scheduler API references). */
const RULE_LENGTH = 64;
/** Names of roles: at most 64 characters (IAM API reference, `CreateRole`). */
const ROLE_LENGTH = 64;
/** `-` and 8 characters. */
const HASH_LENGTH = 9;

/** The name of the rule, or of the schedule, of a binding. The hash keeps `a-b` + `c` and `a` + `b-c` apart. */
export function ruleName({ physicalName }: Named, bindingId: string): string {
  const readable = `${physicalName}-${bindingId}`.slice(0, RULE_LENGTH - HASH_LENGTH);
  return `${readable}-${shortHash(`${physicalName}\u0000${bindingId}`)}`;
}

/** What the names of all rules and schedules of a function begin with. */
export function ruleNamePrefix({ physicalName }: Named): string {
  return `${physicalName}-`.slice(0, RULE_LENGTH - HASH_LENGTH);
}

/** What marks the entries of a bucket's notification configuration that are ours. */
export const CONFIGURATION_PREFIX = 'polyfaas-';

/** The `Id` of a binding's entry in a bucket's notification configuration; it comes back as `s3.configurationId`. */
export function configurationId({ physicalName }: Named, bindingId: string): string {
  // At most 9 + 64 + 1 + 64 of the 255 characters that an id may have.
  return `${CONFIGURATION_PREFIX}${physicalName}-${bindingId}`;
}

/** What marks the statements of the alias's policy that are ours. */
export const STATEMENT_PREFIX = 'polyfaas-';

/** The id of the statement that lets a source call the function: the same content always has the same id. */
export function statementId(kind: 'topic' | 'object' | 'bus' | 'http', sourceArn: string): string {
  return `${STATEMENT_PREFIX}${kind}-${shortHash(sourceArn)}`;
}

/** The role that EventBridge Scheduler takes to call the function. */
export function schedulerRoleName({ physicalName }: Named): string {
  const plain = `${physicalName}-scheduler`;
  if (plain.length <= ROLE_LENGTH) return plain;
  return `${plain.slice(0, ROLE_LENGTH - HASH_LENGTH)}-${shortHash(plain)}`;
}

/** The name of the authorizer for one issuer and its audiences. */
export function authorizerName(issuer: string, audience: readonly string[]): string {
  return `jwt-${shortHash([issuer, ...audience].join('\u0000'))}`;
}
