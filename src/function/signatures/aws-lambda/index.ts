/** An existing Lambda handler, unchanged: builds the event that Lambda would have sent, and reads its answer back. */
import type { CallContext } from '../../call-context.ts';
import { describeValue, HandlerContractError } from '../../contract-error.ts';
import { HANDLER_KINDS } from '../../events.ts';
import type {
  OrderedResult,
  QueueBatch,
  QueueResult,
  StreamBatch,
  TableBatch,
} from '../../events.ts';
import type { JsonValue } from '../../json.types.ts';
import type { ShimCall } from '../../shim.ts';
import type { Callable, Caller } from '../caller.ts';
import { busEvent, scheduleEvent } from './bus.ts';
import { httpEvent, httpResponse } from './http.ts';
import { answersLater } from './answers-later.ts';
import { lambdaContext, type LambdaCallback } from './lambda-context.ts';
import { keepAnswer } from './native-answer.ts';
import { objectEvent, queueEvent, streamEvent, tableEvent, topicEvent } from './records.ts';

/** A Lambda handler takes every kind: which one it gets, only its bindings say. */
export function awsLambdaCaller(handler: Callable): Caller {
  const isLate = answersLater(handler);
  return {
    signature: 'aws-lambda',
    handles: HANDLER_KINDS,
    async call(call, context) {
      const { native } = context;
      if (native !== undefined) {
        const answer = await run(handler, isLate, native.event, () => native.context);
        native.answered?.(answer);
        if (call.kind !== 'http') return readAnswer(call, answer);
        return keepAnswer(httpResponse(withoutText(answer)), answer);
      }
      const event = await eventOf(call, context);
      const contextOf = (callback: LambdaCallback) => lambdaContext(context, callback);
      return readAnswer(call, await run(handler, isLate, event, contextOf));
    },
  };
}

/** The body goes back as it is, so that decoding megabytes of it would be for nothing. */
function withoutText(answer: unknown): unknown {
  const isReply = typeof answer === 'object' && answer !== null && 'statusCode' in answer;
  return isReply && 'body' in answer && typeof answer.body === 'string'
    ? { ...answer, body: null }
    : answer;
}

function eventOf(call: ShimCall, context: CallContext): JsonValue | Promise<JsonValue> {
  const { region } = context;
  switch (call.kind) {
    case 'invoke':
      return call.event;
    case 'http':
      return httpEvent(call.event, call.http, context.requestId);
    case 'schedule':
      return scheduleEvent(call.event, region);
    case 'queue':
      return queueEvent(call.event, region);
    case 'topic':
      return topicEvent(call.event, region);
    case 'object':
      return objectEvent(call.event, region);
    case 'stream':
      return streamEvent(call.event, region);
    case 'table':
      return tableEvent(call.event, region);
    case 'bus':
      break;
  }
  // What is left: another kind would not compile here.
  return busEvent(call.event, region);
}

/**
 * Calls the handler as Node 22 did: whichever answers first, the promise or the callback, counts. A handler that
 * takes no callback may also answer directly.
 *
 * @param isLate it may answer by its callback, after it has returned nothing.
 */
function run(
  handler: Callable,
  isLate: boolean,
  event: unknown,
  contextOf: (callback: LambdaCallback) => unknown,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: LambdaCallback = (error, answer) => {
      if (error === undefined || error === null) resolve(answer);
      else reject(error);
    };
    const answer = handler(event, contextOf(callback), callback);
    const isDirect = answer !== undefined && handler.length < 3;
    if (isThenable(answer) || isDirect || !isLate) resolve(answer);
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

function readAnswer(call: ShimCall, answer: unknown): unknown {
  switch (call.kind) {
    case 'http':
      return httpResponse(answer);
    case 'queue':
      return queueResult(call.event, answer);
    case 'stream':
    case 'table':
      return orderedResult(call.event, answer);
    default:
      return answer;
  }
}

function queueResult(batch: QueueBatch, answer: unknown): QueueResult | undefined {
  const failures = failuresOf(
    answer,
    batch.messages.map(({ id }) => id),
  );
  return failures.length === 0 ? undefined : { retry: failures };
}

/** Lambda goes back to the first of the failed records. */
function orderedResult(
  batch: StreamBatch | TableBatch,
  answer: unknown,
): OrderedResult | undefined {
  const known = batch.records.map(({ sequenceNumber }) => sequenceNumber);
  const failures = new Set(failuresOf(answer, known));
  const retryFrom = known.find((sequenceNumber) => failures.has(sequenceNumber));
  return retryFrom === undefined ? undefined : { retryFrom };
}

/**
 * The ids in `batchItemFailures`. As on AWS, an answer without that field means success, and a wrong or unknown id
 * fails the whole batch.
 */
function failuresOf(answer: unknown, known: readonly string[]): readonly string[] {
  if (typeof answer !== 'object' || answer === null || !('batchItemFailures' in answer)) return [];
  const { batchItemFailures } = answer;
  if (batchItemFailures === undefined || batchItemFailures === null) return [];
  if (!Array.isArray(batchItemFailures)) throw wholeBatch(describeValue(batchItemFailures));
  const ids = new Set(known);
  return batchItemFailures.map((failure: unknown) => {
    const id: unknown =
      typeof failure === 'object' && failure !== null && 'itemIdentifier' in failure
        ? failure.itemIdentifier
        : undefined;
    if (typeof id === 'string' && ids.has(id)) return id;
    throw wholeBatch(
      `an item with ${typeof id === 'string' ? JSON.stringify(id.slice(0, 100)) : describeValue(id)}`,
    );
  });
}

function wholeBatch(what: string): HandlerContractError {
  return new HandlerContractError(
    `The Lambda handler answered with batchItemFailures that cannot be used: ${what}. The whole batch counts as failed. Each item is { itemIdentifier } with the id of a record of the batch.`,
  );
}
