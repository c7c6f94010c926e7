/** Who may take on a role. */

/** The services that take on roles of ours. */
export type TrustedService = 'lambda.amazonaws.com' | 'scheduler.amazonaws.com';

/** A role's trust policy, as the JSON text that IAM takes. */
export function trustPolicy(service: TrustedService): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });
}
