/** Asynchronous invocations: a storage queue in front of the handler, with retries and destinations. */
import type { InvocationContext } from '@azure/functions';
import {
  type AsyncDestination,
  type JsonValue,
  MESSAGE_MARK,
  readTraceContext,
  serializeError,
} from 'polyfaas/function';
import { queueDelaySeconds } from './delay.ts';
import type { Instance } from './instance.ts';
import { fieldsOf, jsonOf } from './json.ts';
import { againOf, deliveryOf, type Delivery } from './message.ts';
import { report } from './report.ts';
import { isRefusedForGood, send } from './send.ts';

/** An outcome that its destination does not take waits so long for another try. */
const OUTCOME_DELAY_SECONDS = 30;

const TYPES: Readonly<Record<AsyncDestination, string>> = {
  onSuccess: 'polyfaas.async.succeeded',
  onFailure: 'polyfaas.async.failed',
};

/** Handles one message of the queue. Resolving acknowledges it. */
export async function serveAsync(
  instance: Instance,
  message: unknown,
  context: InvocationContext,
): Promise<void> {
  const rules = instance.asyncRules;
  if (rules === undefined) throw new Error('The rules of asynchronous calls are not set.');
  const delivery = deliveryOf(message, fieldsOf(context.triggerMetadata));
  const { data, attempt, head, sentAt } = delivery;
  if (head.outcome !== undefined) {
    const destination = rules[head.outcome];
    // Where it is refused again, the host repeats the message.
    if (destination !== null) await send(destination, data, { type: TYPES[head.outcome] });
    return;
  }
  const requestId = head.requestId ?? context.invocationId;
  const ageSeconds = (Date.now() - Date.parse(sentAt)) / 1_000;
  if (ageSeconds > rules.maxAgeSeconds) {
    return failed(instance, delivery, new Error('The invocation is too old.'), context);
  }
  if (attempt > rules.maxAttempts) {
    return failed(instance, delivery, new Error('It took the process down.'), context);
  }
  const trace = readTraceContext(head.traceparent, head.tracestate);
  let output: JsonValue;
  try {
    const reply = await instance.call(
      { kind: 'invoke', event: data },
      { requestId, attempt, trace },
      context,
    );
    output = jsonOf(reply);
  } catch (thrown) {
    report(instance, 'warn', 'An asynchronous call failed', thrown, context, requestId);
    if (attempt >= rules.maxAttempts) return failed(instance, delivery, thrown, context);
    const delaySeconds = queueDelaySeconds(rules, attempt, Math.random());
    return send(rules.queue, againOf(delivery), { delaySeconds });
  }
  const outcome = outcomeOf(instance, delivery, requestId, { output });
  await tell(instance, 'onSuccess', outcome, requestId, context);
}

async function failed(
  instance: Instance,
  delivery: Delivery,
  thrown: unknown,
  context: InvocationContext,
): Promise<void> {
  const rules = instance.asyncRules;
  const requestId = delivery.head.requestId ?? context.invocationId;
  if (rules === undefined || rules.onFailure === null) {
    report(
      instance,
      'error',
      `The asynchronous call ${requestId} is given up`,
      thrown,
      context,
      requestId,
    );
    return;
  }
  const { name, message } = serializeError(thrown);
  const outcome = outcomeOf(instance, delivery, requestId, { error: { name, message } });
  await tell(instance, 'onFailure', outcome, requestId, context);
}

/** The call has run, and must not run again because its destination takes nothing now: the outcome alone waits. */
async function tell(
  instance: Instance,
  where: AsyncDestination,
  outcome: JsonValue,
  requestId: string,
  context: InvocationContext,
): Promise<void> {
  const rules = instance.asyncRules;
  const destination = rules?.[where] ?? null;
  if (rules === undefined || destination === null) return;
  try {
    await send(destination, outcome, { type: TYPES[where] });
  } catch (thrown) {
    const text = `The destination ${where} is tried again`;
    report(instance, 'warn', text, thrown, context, requestId);
    const waiting = { [MESSAGE_MARK]: { outcome: where }, data: outcome };
    try {
      await send(rules.queue, waiting, { delaySeconds: OUTCOME_DELAY_SECONDS });
    } catch (refused) {
      if (!isRefusedForGood(refused)) throw refused;
      // It is too large for either. A failure here would run the call again, to the same end.
      const lost = `The outcome of the asynchronous call ${requestId} is dropped: neither ${where} nor its own queue takes it`;
      report(instance, 'error', lost, refused, context, requestId);
    }
  }
}

function outcomeOf(
  { identity }: Instance,
  { data, attempt }: Delivery,
  requestId: string,
  result:
    | { readonly output: JsonValue }
    | { readonly error: { readonly name: string; readonly message: string } },
): JsonValue {
  return {
    requestId,
    function: identity.functionName,
    version: identity.version,
    attempts: attempt,
    input: data,
    ...result,
  };
}
