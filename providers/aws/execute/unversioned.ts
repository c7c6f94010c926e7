/** What belongs to no version: the record, the log, how asynchronous calls are treated, how many instances there are. */
import { digestOf, ServerlessError } from 'polyfaas/spi';
import { isMissing, isNamed } from '../errors.ts';
import { LIVE, type AsyncConfig, type Executor, type Target } from '../model.ts';
import { giveWay } from '../events/execute.ts';
import type { Claim } from '../events/claim/claim.ts';
import { isOwnedBy, logGroupName, ownershipTags } from '../names.ts';
import { TAG, encodeRecord, type FunctionRecord } from '../record.ts';
import { unlessMissing } from '../replies.ts';
import { inputOf } from '../step-input.ts';
import { patiently } from './patience.ts';

/**
 * Writes the record into the function's tags. They cannot be compared and set, so they are read before: what somebody else
 * noted since would be forgotten, and an event source that nobody remembers goes on calling.
 */
export const writeRecord: Executor = async (aws, step, call) => {
  const {
    target,
    record,
    tags,
    untag,
    parts = 0,
    knows,
    claim,
    endsRemoval = false,
  } = inputOf<{
    record: FunctionRecord;
    tags: Readonly<Record<string, string>>;
    untag: readonly string[];
    /** Tags of the record that may be there by now. */
    parts?: number;
    /** Digests of the records that may be there by now. Absent: nothing is compared. */
    knows?: readonly string[];
    /** What steps before it touched. Absent: nothing. */
    claim?: Claim;
    /** A removal was broken off, and what it took away is noted here. */
    endsRemoval?: boolean;
  }>(step);
  const lambda = await aws.lambda();
  const state = encodeRecord(record);
  if (!state) {
    throw new ServerlessError({
      code: 'QUOTA_EXCEEDED',
      provider: 'aws',
      function: target.ref.name,
      message: `"${target.ref.name}" has more events than the function's tags can hold. Move some of them to another function.`,
    });
  }
  const http = { abortSignal: call.signal };
  const remove = async (keys: readonly string[]): Promise<void> => {
    if (keys.length === 0) return;
    await lambda.untagResource({ Resource: target.functionArn, TagKeys: [...keys] }, http);
  };
  if (knows) {
    const known = [...knows, digestOf(record)];
    const lost = await giveWay(aws, { target, knows: known, claim }, call);
    if (lost) return lost;
  }
  return patiently(step, call, async () => {
    // As long as the record names them, a deploy that is broken off here finds them again.
    await remove(untag);
    await lambda.tagResource({ Resource: target.functionArn, Tags: { ...tags, ...state } }, http);
    // They count among the 50 that there may be.
    await remove([
      ...stateTags(parts).slice(Object.keys(state).length),
      ...(endsRemoval ? [TAG.removing] : []),
    ]);
    return { done: true };
  });
};

/** From here on, what the record names is half done. */
export const markRemoval: Executor = async (aws, step, call) => {
  const { target, knows } = inputOf<{ knows: readonly string[] }>(step);
  const answer = await giveWay(aws, { target, knows, removes: true }, call);
  if (answer) return answer;
  const lambda = await aws.lambda();
  const tags = { Resource: target.functionArn, Tags: { [TAG.removing]: 'true' } };
  await unlessMissing(lambda.tagResource(tags, { abortSignal: call.signal }));
  return { done: true };
};

function stateTags(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${TAG.state}${index}`);
}

export const ensureLogs: Executor = async (aws, step, call) => {
  const { target, days, isNew, claims } = inputOf<{
    days: number;
    isNew: boolean;
    /** A namesake is taken over, and its log with it. */
    claims: boolean;
  }>(step);
  const logs = await aws.logs();
  const http = { abortSignal: call.signal };
  const group = { logGroupName: logGroupName(target.physicalName) };
  const own = { ...ownershipTags(target.ref) };
  const resourceArn = logGroupArn(target);
  /** Undefined: there is none. */
  const isOurs = async (): Promise<boolean | undefined> => {
    try {
      const { tags } = await logs.listTagsForResource({ resourceArn }, http);
      return isOwnedBy(target.ref, tags ?? {});
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  const make = async (): Promise<boolean | undefined> => {
    try {
      await logs.createLogGroup({ ...group, tags: own }, http);
      return true;
    } catch (error) {
      if (!isNamed(error, 'ResourceAlreadyExistsException')) throw error;
      return isOurs();
    }
  };
  const ours = isNew ? await make() : ((await isOurs()) ?? (await make()));
  if (ours !== true) {
    if (!claims) {
      call.warn('The log group belongs to somebody else: its retention is left alone.', {
        function: target.ref.name,
        logGroup: group.logGroupName,
      });
      return { done: true };
    }
    await logs.tagResource({ resourceArn, tags: own }, http);
  }
  await logs.putRetentionPolicy({ ...group, retentionInDays: days }, http);
  return { done: true };
};

function logGroupArn({ functionArn, physicalName }: Target): string {
  return functionArn
    .replace(':lambda:', ':logs:')
    .replace(/:function:.*$/, `:log-group:${logGroupName(physicalName)}`);
}

/** The log outlives its function, so it is asked for its tags, and a stranger's stays. */
export const deleteLogs: Executor = async (aws, step, call) => {
  const { target } = inputOf<object>(step);
  const logs = await aws.logs();
  const http = { abortSignal: call.signal };
  const name = logGroupName(target.physicalName);
  try {
    const { tags } = await logs.listTagsForResource({ resourceArn: logGroupArn(target) }, http);
    if (!isOwnedBy(target.ref, tags ?? {})) return { done: true };
    await logs.deleteLogGroup({ logGroupName: name }, http);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return { done: true };
};

export const setAsync: Executor = async (aws, step, call) => {
  const { target, config } = inputOf<{ config: AsyncConfig | null }>(step);
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  const live = { FunctionName: target.physicalName, Qualifier: LIVE };
  if (config === null) {
    try {
      await lambda.deleteFunctionEventInvokeConfig(live, http);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return { done: true };
  }
  const { maxRetries, maxAgeSeconds, onSuccess, onFailure } = config;
  return patiently(step, call, async () => {
    await lambda.putFunctionEventInvokeConfig(
      {
        ...live,
        MaximumRetryAttempts: maxRetries,
        MaximumEventAgeInSeconds: maxAgeSeconds,
        DestinationConfig: {
          ...(onSuccess === null ? {} : { OnSuccess: { Destination: onSuccess } }),
          ...(onFailure === null ? {} : { OnFailure: { Destination: onFailure } }),
        },
      },
      http,
    );
    return { done: true };
  });
};

export const setReserved: Executor = async (aws, step, call) => {
  const { target, reserved } = inputOf<{ reserved: number | null }>(step);
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  const name = { FunctionName: target.physicalName };
  return patiently(step, call, async () => {
    if (reserved === null) await lambda.deleteFunctionConcurrency(name, http);
    else
      await lambda.putFunctionConcurrency(
        { ...name, ReservedConcurrentExecutions: reserved },
        http,
      );
    return { done: true };
  });
};

/**
 * Takes its versions and its alias with it. What is gone already is deleted. Lambda cannot compare and delete, so the
 * record is read right before: what somebody else bound since would outlive the function, and call the next one of its name.
 */
export const deleteFunction: Executor = async (aws, step, call) => {
  const { target, knows, claim } = inputOf<{
    /** Digests of the records that may be there by now. Absent: nothing is compared. */
    knows?: readonly string[];
    /** What was taken away by then. */
    claim?: Claim;
  }>(step);
  const lambda = await aws.lambda();
  const http = { abortSignal: call.signal };
  if (knows) {
    const answer = await giveWay(aws, { target, knows, claim, removes: true }, call);
    if (answer) return answer;
  }
  return patiently(step, call, async () => {
    try {
      await lambda.deleteFunction({ FunctionName: target.physicalName }, http);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return { done: true };
  });
};
