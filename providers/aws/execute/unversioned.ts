/** What belongs to no version: the record, the log, how asynchronous calls are treated, how many instances there are. */
import { ServerlessError } from 'polyfaas/spi';
import { isMissing, isNamed } from '../errors.ts';
import { LIVE, type AsyncConfig, type Executor } from '../model.ts';
import { isOwnedBy, logGroupName, ownershipTags } from '../names.ts';
import { encodeRecord, type FunctionRecord } from '../record.ts';
import { inputOf } from './input.ts';
import { patiently } from './patience.ts';

export const writeRecord: Executor = async (aws, step, call) => {
  const { target, record, tags, untag } = inputOf<{
    record: FunctionRecord;
    tags: Readonly<Record<string, string>>;
    untag: readonly string[];
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
  return patiently(step, call, async () => {
    await lambda.tagResource({ Resource: target.functionArn, Tags: { ...tags, ...state } }, http);
    if (untag.length > 0) {
      await lambda.untagResource({ Resource: target.functionArn, TagKeys: [...untag] }, http);
    }
    return { done: true };
  });
};

export const ensureLogs: Executor = async (aws, step, call) => {
  const { target, days, isNew } = inputOf<{ days: number; isNew: boolean }>(step);
  const logs = await aws.logs();
  const http = { abortSignal: call.signal };
  const group = { logGroupName: logGroupName(target.physicalName) };
  const create = async (): Promise<void> => {
    try {
      await logs.createLogGroup({ ...group, tags: { ...ownershipTags(target.ref) } }, http);
    } catch (error) {
      if (!isNamed(error, 'ResourceAlreadyExistsException')) throw error;
    }
  };
  const keep = () => logs.putRetentionPolicy({ ...group, retentionInDays: days }, http);
  if (isNew) await create();
  try {
    await keep();
  } catch (error) {
    if (isNew || !isMissing(error)) throw error;
    await create();
    await keep();
  }
  return { done: true };
};

/** The log outlives its function, so it is asked for its tags, and a stranger's stays. */
export const deleteLogs: Executor = async (aws, step, call) => {
  const { target } = inputOf<object>(step);
  const logs = await aws.logs();
  const http = { abortSignal: call.signal };
  const name = logGroupName(target.physicalName);
  const resourceArn = target.functionArn
    .replace(':lambda:', ':logs:')
    .replace(/:function:.*$/, `:log-group:${name}`);
  try {
    const { tags } = await logs.listTagsForResource({ resourceArn }, http);
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
  if (reserved === null) await lambda.deleteFunctionConcurrency(name, http);
  else
    await lambda.putFunctionConcurrency({ ...name, ReservedConcurrentExecutions: reserved }, http);
  return { done: true };
};

/** Takes its versions and its alias with it. */
export const deleteFunction: Executor = async (aws, step, call) => {
  const { target } = inputOf<object>(step);
  const lambda = await aws.lambda();
  return patiently(step, call, async () => {
    try {
      await lambda.deleteFunction(
        { FunctionName: target.physicalName },
        { abortSignal: call.signal },
      );
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return { done: true };
  });
};
