/** What only a full reading tells: settings that belong to no version, as they are and not as the record says. */
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { FunctionRef } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { LIVE, type ActualSettings, type AsyncConfig } from '../model.ts';
import { isOwnedBy, logGroupName, roleName } from '../names.ts';
import { boundaryOf } from '../policy/boundary.ts';
import { POLICY } from '../policy/names.ts';
import { statementsOf } from '../policy/document.ts';
import { ifReadable, ifThere } from '../replies.ts';

export interface ActualReading {
  readonly ref: FunctionRef;
  readonly physicalName: string;
  readonly region: string;
  readonly signal: AbortSignal;
}

export async function readActual(
  aws: AwsClients,
  { ref, physicalName, region, signal }: ActualReading,
): Promise<ActualSettings> {
  const [lambda, iam, logs] = await Promise.all([aws.lambda(), aws.iam(), aws.logs()]);
  const http = { abortSignal: signal };
  const live = { FunctionName: physicalName, Qualifier: LIVE };
  const role = { RoleName: roleName(physicalName, region, 'run') };
  const group = logGroupName(physicalName);
  const [run, events, async, provisioned, log, bounded] = await Promise.all([
    ifReadable(iam.getRolePolicy({ ...role, PolicyName: POLICY.run }, http)),
    ifReadable(iam.getRolePolicy({ ...role, PolicyName: POLICY.events }, http)),
    ifThere(lambda.getFunctionEventInvokeConfig(live, http)),
    ifThere(lambda.getProvisionedConcurrencyConfig(live, http)),
    readLog(logs, group, http),
    ifReadable(iam.getRole(role, http)),
  ]);
  return {
    policies: run
      ? { run: statementsOf(run.PolicyDocument), events: statementsOf(events?.PolicyDocument) }
      : null,
    ...(bounded ? { boundaryArn: boundaryOf(bounded.Role) } : {}),
    async: async ? asyncOf(async) : null,
    provisioned: provisioned?.RequestedProvisionedConcurrentExecutions ?? null,
    logRetentionDays: log?.retentionInDays ?? null,
    hasForeignLog: log !== undefined && !isOwnedBy(ref, log.tags),
  };
}

async function readLog(logs: CloudWatchLogs, group: string, http: { abortSignal: AbortSignal }) {
  const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: group }, http);
  const found = logGroups?.find(({ logGroupName: name }) => name === group);
  if (found?.logGroupArn === undefined) return undefined;
  const told = await ifThere(logs.listTagsForResource({ resourceArn: found.logGroupArn }, http));
  return { retentionInDays: found.retentionInDays, tags: told?.tags ?? {} };
}

function asyncOf(raw: {
  readonly MaximumRetryAttempts?: number | undefined;
  readonly MaximumEventAgeInSeconds?: number | undefined;
  readonly DestinationConfig?:
    | {
        readonly OnSuccess?: { readonly Destination?: string | undefined } | undefined;
        readonly OnFailure?: { readonly Destination?: string | undefined } | undefined;
      }
    | undefined;
}): AsyncConfig {
  return {
    maxRetries: raw.MaximumRetryAttempts ?? 2,
    maxAgeSeconds: raw.MaximumEventAgeInSeconds ?? 21_600,
    onSuccess: raw.DestinationConfig?.OnSuccess?.Destination ?? null,
    onFailure: raw.DestinationConfig?.OnFailure?.Destination ?? null,
  };
}
