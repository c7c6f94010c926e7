/** What only a full reading tells: settings that belong to no version, as they are and not as the record says. */
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { CallContext, FunctionRef } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { pingsOf } from '../execute/capacity.ts';
import { LIVE, type ActualSettings, type AsyncConfig } from '../model.ts';
import { isOwnedBy, logGroupName, roleName, type RoleOwner } from '../names.ts';
import { settingBefore, type AppliedSettings } from '../plan/applied.ts';
import { boundaryOf } from '../policy/boundary.ts';
import { POLICY } from '../policy/names.ts';
import { statementsOf } from '../policy/document.ts';
import { ifReadable, ifThere } from '../replies.ts';

export interface ActualReading extends RoleOwner {
  readonly ref: FunctionRef;
  readonly functionArn: string;
  readonly region: string;
  readonly call: CallContext;
  readonly settings: AppliedSettings | null;
}

export async function readActual(aws: AwsClients, reading: ActualReading): Promise<ActualSettings> {
  const { ref, physicalName, region } = reading;
  const { signal } = reading.call;
  const [lambda, iam, logs] = await Promise.all([aws.lambda(), aws.iam(), aws.logs()]);
  const http = { abortSignal: signal };
  const live = { FunctionName: physicalName, Qualifier: LIVE };
  const role = { RoleName: roleName(reading, region, 'run') };
  const group = logGroupName(physicalName);
  const [run, events, async, provisioned, log, bounded, lostPings] = await Promise.all([
    ifReadable(iam.getRolePolicy({ ...role, PolicyName: POLICY.run }, http)),
    ifReadable(iam.getRolePolicy({ ...role, PolicyName: POLICY.events }, http)),
    ifThere(lambda.getFunctionEventInvokeConfig(live, http)),
    ifThere(lambda.getProvisionedConcurrencyConfig(live, http)),
    readLog(logs, group, http),
    ifReadable(iam.getRole(role, http)),
    ifReadable(areLost(aws, reading)),
  ]);
  return {
    policies: run
      ? { run: statementsOf(run.PolicyDocument), events: statementsOf(events?.PolicyDocument) }
      : null,
    ...(lostPings === true ? { lostPings } : {}),
    ...(bounded ? { boundaryArn: boundaryOf(bounded.Role) } : {}),
    async: async ? asyncOf(async) : null,
    provisioned: provisioned?.RequestedProvisionedConcurrentExecutions ?? null,
    logRetentionDays: log?.retentionInDays ?? null,
    hasForeignLog: log !== undefined && !isOwnedBy(ref, log.tags),
  };
}

/** Whether there are fewer pings than were made, or their role is gone or bounded by another policy. */
async function areLost(aws: AwsClients, reading: ActualReading): Promise<boolean> {
  const { ref, physicalName, functionArn, region, call, settings } = reading;
  const keepWarm = settings && settingBefore(settings, 'keepWarm');
  if (keepWarm == null) return false;
  const iam = await aws.iam();
  const RoleName = roleName(reading, region, 'schedule');
  const [pings, found] = await Promise.all([
    pingsOf(aws, { ref, physicalName, functionArn }, call),
    ifThere(iam.getRole({ RoleName }, { abortSignal: call.signal })),
  ]);
  return (
    pings.length < keepWarm.instances ||
    found === undefined ||
    boundaryOf(found.Role) !== (settings?.boundary ?? null)
  );
}

/** The log group of that name, and its tags; undefined when there is none. */
export async function readLog(
  logs: CloudWatchLogs,
  group: string,
  http: { abortSignal: AbortSignal },
) {
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
