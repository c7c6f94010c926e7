/** What a look at one binding's resource has at hand. */
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import type { CallContext } from 'polyfaas/spi';
import type { AwsClients } from '../../clients/index.ts';
import type { Target } from '../../model.ts';
import type { Granted } from '../permission.ts';

export interface DriftScope {
  readonly aws: AwsClients;
  readonly target: Target;
  readonly call: CallContext;
  /** The statements of ours on the alias. */
  readonly statements: () => Promise<readonly Granted[]>;
  /** What is wrong with the role that all schedules take. */
  readonly schedulerRole: () => Promise<Problem>;
  /** What a bucket tells; undefined when it is gone. */
  readonly notifications: (bucket: string) => Promise<NotificationConfiguration | undefined>;
}

/** What is wrong, in words for people; undefined when all is as it was left. */
export type Problem = string | undefined;

export async function statementProblem(scope: DriftScope, id: string): Promise<Problem> {
  const found = (await scope.statements()).some((statement) => statement.id === id);
  return found ? undefined : 'the policy of the alias does not let it call the function';
}
