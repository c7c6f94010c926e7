/** Reading the targets of a `PutTargets` call. */
import {
  optionalInteger,
  optionalObject,
  optionalText,
  optionalTextMap,
  text,
  type Input,
} from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import type { Target } from './buses.ts';
import { parsed } from './json.ts';
import { isPath } from './path.ts';
import { DEFAULT_RETRY } from './redelivery.ts';
import { checkTransformer, type TargetInput } from './transform.ts';

export const TARGET_ID = { min: 1, max: 64, pattern: /[.\-_A-Za-z0-9]+/ };
const ARN = { min: 1, max: 1600 };
const ARN_FORM = /^arn:aws:(lambda|sqs|sns):[a-z0-9-]+:\d{12}:.+$/;

/** @throws AwsFault for what fails the whole call. */
export function targetOf(world: World, given: Input): Target {
  const id = text(given, 'Id', TARGET_ID);
  const arn = text(given, 'Arn', ARN);
  if (!ARN_FORM.test(arn)) {
    throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
  }
  const retry = optionalObject(given, 'RetryPolicy') ?? {};
  const deadLetter = optionalObject(given, 'DeadLetterConfig');
  const deadLetterArn = deadLetter && optionalText(deadLetter, 'Arn', ARN);
  const sqs = optionalObject(given, 'SqsParameters');
  const groupId = sqs && optionalText(sqs, 'MessageGroupId', { max: 100 });
  if (arn.includes(':sqs:') && world.sqs.isFifo(arn) && groupId === undefined) {
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${id}.`);
  }
  return {
    id,
    arn,
    input: inputOf(id, given),
    maxRetries:
      optionalInteger(retry, 'MaximumRetryAttempts', { min: 0, max: 185 }) ??
      DEFAULT_RETRY.maxRetries,
    maxAgeSeconds:
      optionalInteger(retry, 'MaximumEventAgeInSeconds', { min: 60, max: 86_400 }) ??
      DEFAULT_RETRY.maxAgeSeconds,
    ...(groupId !== undefined && { messageGroupId: groupId }),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
    given,
  };
}

/** What fails this target alone: its entry comes back, and the call succeeds. */
export function entryProblem(
  world: World,
  target: Target,
): { readonly ErrorCode: string; readonly ErrorMessage: string } | undefined {
  const [, , , region] = target.arn.split(':');
  if (region !== world.region) {
    return {
      ErrorCode: 'ValidationException',
      ErrorMessage: `Target ${target.arn} is not in the region ${world.region} of the rule.`,
    };
  }
  const queue = target.deadLetterArn;
  if (queue === undefined) return undefined;
  if (!world.sqs.exists(queue)) {
    return {
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `The dead-letter queue ${queue} does not exist.`,
    };
  }
  if (!world.sqs.isFifo(queue)) return undefined;
  return {
    ErrorCode: 'ValidationException',
    ErrorMessage: `The dead-letter queue ${queue} is a FIFO queue, which is not supported.`,
  };
}

function inputOf(id: string, given: Input): TargetInput {
  const input = optionalText(given, 'Input', { max: 8192 });
  const inputPath = optionalText(given, 'InputPath', { max: 256 });
  const transformer = optionalObject(given, 'InputTransformer');
  const count = [input, inputPath, transformer].filter((each) => each !== undefined).length;
  if (count > 1) {
    throw invalid(
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`,
    );
  }
  if (input !== undefined) {
    if (parsed(input) === undefined)
      throw invalid(`Invalid Input for target ${id}: it is not JSON.`);
    return { input };
  }
  if (inputPath !== undefined) {
    if (!isPath(inputPath)) throw invalid(`Invalid InputPath for target ${id}.`);
    return { inputPath };
  }
  if (transformer === undefined) return {};
  const read = {
    paths: optionalTextMap(transformer, 'InputPathsMap') ?? {},
    template: text(transformer, 'InputTemplate', { min: 1, max: 8192 }),
  };
  if (Object.keys(read.paths).length > 100) {
    throw invalid(`InputPathsMap for target ${id} has more than 100 entries.`);
  }
  checkTransformer(id, read);
  return { transformer: read };
}

function invalid(message: string): AwsFault {
  return new AwsFault(400, 'ValidationException', message);
}
