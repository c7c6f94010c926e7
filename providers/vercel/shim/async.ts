/** Asynchronous invocations: a topic of the project in front of the handler, with retries and destinations. */
import {
  type AsyncDestination,
  type JsonValue,
  jsonOf,
  MESSAGE_MARK,
  type MessageEnvelope,
  retryDelaySeconds,
  serializeError,
} from 'polyfaas/function';
import { DIRECT_HEADER, errorAnswer, type OpenedCall, type ServerAnswer } from 'polyfaas/http';
import { ASYNC_TOPIC, type AsyncRules } from '../manifest.ts';
import { MAX_DELAY_SECONDS } from './binding.ts';
import type { Delivery, Verdict } from './delivery.ts';
import type { Instance } from './instance.ts';
import { QueueRefusal, Queues } from './queues.ts';

/** An outcome that its destination does not take waits so long for another try. */
const OUTCOME_DELAY_SECONDS = 30;

/** Puts a signed call into the topic. Undefined once it is there; else why it is not. */
export async function takeForLater(
  instance: Instance,
  { requestId, body }: OpenedCall,
  headers: Readonly<Record<string, string>>,
): Promise<ServerAnswer | undefined> {
  const { async: rules } = instance.manifest;
  if (body.kind !== 'invoke') return errorAnswer(400, 'Only invocations can run later.');
  if (rules === null) return errorAnswer(501, 'This deployment runs nothing later.');
  const { data = null, traceparent, tracestate } = body;
  const message: MessageEnvelope = {
    [MESSAGE_MARK]: {
      id: requestId,
      requestId,
      sentAt: new Date().toISOString(),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(tracestate === undefined ? {} : { tracestate }),
    },
    data,
  };
  try {
    await new Queues(instance.manifest, headers).send(ASYNC_TOPIC, message, keyOf(headers));
    return undefined;
  } catch (thrown) {
    instance.sink.report('error', 'An asynchronous call was not taken', thrown, requestId);
    return errorAnswer(statusOf(thrown), serializeError(thrown).message);
  }
}

/** What the queue refuses for good has a code of its own: it is not to be tried again. */
function statusOf(thrown: unknown): number {
  if (!(thrown instanceof QueueRefusal)) return 503;
  return thrown.status === 413 ? 413 : 424;
}

/** The signature: another instance may be shown the same call, which it does not know; the queue takes it once. */
function keyOf(headers: Readonly<Record<string, string>>): string {
  // Its bytes, not its text: base64url has more than one text for them.
  return Buffer.from(headers[DIRECT_HEADER.signature] ?? '', 'base64url').toString('base64url');
}

export async function serveAsync(
  instance: Instance,
  delivery: Delivery,
  queues: Queues,
): Promise<Verdict> {
  const { async: rules } = instance.manifest;
  if (rules === null) throw new Error('The rules of asynchronous calls are not set.');
  const { data, attempt, head, id, trace } = delivery;
  if (head.outcome !== undefined) {
    const destination = rules[head.outcome];
    if (destination !== null) await queues.send(destination, data, `${head.outcome}-${id}`);
    return 'skipped';
  }
  const job: Job = { instance, rules, delivery, queues, requestId: head.requestId ?? id };
  const { requestId } = job;
  // The clock of whoever marked the message may be behind; the queue has its own.
  const sentMs = Math.max(Date.parse(delivery.sentAt), delivery.createdMs);
  if ((Date.now() - sentMs) / 1_000 > rules.maxAgeSeconds) {
    await failed(job, new Error('The invocation is too old.'));
    return 'skipped';
  }
  if (attempt > rules.maxAttempts) {
    await failed(job, new Error('It took the process down.'));
    return 'skipped';
  }
  let output: JsonValue;
  try {
    const call = { kind: 'invoke', event: data } as const;
    output = jsonOf(await instance.call(call, { requestId, attempt, trace }));
  } catch (thrown) {
    instance.sink.report('warn', 'An asynchronous call failed', thrown, requestId);
    if (attempt < rules.maxAttempts) {
      const random = Math.random();
      return { againAfterSeconds: retryDelaySeconds(rules, attempt, random, MAX_DELAY_SECONDS) };
    }
    await failed(job, thrown);
    return 'givenUp';
  }
  await tell(job, 'onSuccess', { output });
  return 'done';
}

interface Job {
  readonly instance: Instance;
  readonly rules: AsyncRules;
  readonly delivery: Delivery;
  readonly queues: Queues;
  readonly requestId: string;
}

async function failed(job: Job, thrown: unknown): Promise<void> {
  const { instance, rules, requestId } = job;
  const { name, message } = serializeError(thrown);
  if (rules.onFailure !== null) return tell(job, 'onFailure', { error: { name, message } });
  const text = `The asynchronous call ${requestId} is given up`;
  instance.sink.report('error', text, thrown, requestId);
}

/** The call has run, and must not run again because its destination takes nothing now: the outcome alone waits. */
async function tell(
  { instance, rules, delivery, queues, requestId }: Job,
  where: AsyncDestination,
  result: { readonly output: JsonValue } | { readonly error: { name: string; message: string } },
): Promise<void> {
  const destination = rules[where];
  if (destination === null) return;
  const { functionName, version } = instance.identity;
  const outcome = {
    requestId,
    function: functionName,
    version,
    attempts: delivery.attempt,
    input: delivery.data,
    ...result,
  };
  try {
    return await queues.send(destination, outcome, `${where}-${delivery.key}`);
  } catch (thrown) {
    instance.sink.report('warn', `The destination ${where} is tried again`, thrown, requestId);
  }
  try {
    // By the id it is known where it goes, should it be there already.
    const head = { outcome: where, id: delivery.key };
    const waiting: MessageEnvelope = { [MESSAGE_MARK]: head, data: outcome };
    const key = `waiting-${where}-${delivery.key}`;
    await queues.send(ASYNC_TOPIC, waiting, key, OUTCOME_DELAY_SECONDS);
  } catch (refused) {
    if (!(refused instanceof QueueRefusal)) throw refused;
    // It is too large for either. A failure here would run the call again, to the same end.
    const lost = `The outcome of the asynchronous call ${requestId} is dropped: neither ${where} nor its own topic takes it`;
    instance.sink.report('error', lost, refused, requestId);
  }
}
