/**
 * Deliveries of Vercel Queues: CloudEvents in the binary form, one message each. The lease is taken over before anything
 * runs, which also proves the delivery: the service knows its receipts.
 */
import {
  decodeText,
  type JsonValue,
  type MessageHead,
  fieldsOf,
  jsonOf,
  messageHeadOf,
  readTraceContext,
  timeOf,
  type TraceContext,
} from 'polyfaas/function';
import { bareAnswer, errorAnswer, type IncomingRequest, type ServerAnswer } from 'polyfaas/http';
import { STATUS } from '../manifest.ts';
import type { Instance } from './instance.ts';
import { type Lease, QueueRefusal, Queues } from './queues.ts';

/** One delivery of one message. */
export interface Delivery {
  readonly lease: Lease;
  readonly id: string;
  readonly data: JsonValue;
  readonly attributes: Readonly<Record<string, string>>;
  readonly group: string | undefined;
  /** RFC 3339. */
  readonly sentAt: string;
  /** When the queue took it, in milliseconds since the epoch. */
  readonly createdMs: number;
  /** 1 on the first delivery. */
  readonly attempt: number;
  readonly head: MessageHead;
  readonly trace: TraceContext | undefined;
}

/** What becomes of a delivery. */
export type Verdict =
  /** Done. */
  | 'done'
  /** Not wanted, or nothing ran for it. */
  | 'skipped'
  /** The handler failed; the message is not to come again. */
  | 'givenUp'
  /** The handler failed; again after so long. */
  | { readonly againAfterSeconds: number };

const EVENT_TYPE = 'com.vercel.queue.v2beta';

/** Of a lease, in seconds ("Queues API"). */
const LEAST_HOLD_SECONDS = 30;
const MOST_HOLD_SECONDS = 3_600;
/** For what is left to do when the handler has used up its time. */
const HOLD_SLACK_SECONDS = 30;
/** A delivery that could be neither finished nor set aside comes again after so long. */
const LATER_SECONDS = 60;

/**
 * Serves one delivery.
 *
 * @param work rejects when nothing could be decided; then the message comes again.
 */
export async function serveDelivery(
  instance: Instance,
  { request, headers, body }: IncomingRequest,
  work: (delivery: Delivery, queues: Queues) => Promise<Verdict>,
): Promise<ServerAnswer> {
  if (request.method !== 'POST') return errorAnswer(405, 'Only POST is taken here.');
  const delivery = deliveryOf(headers, body);
  if (delivery === undefined) return errorAnswer(400, 'This is no delivery of a queue.');
  const { sink, identity } = instance;
  const { lease, id } = delivery;
  const queues = new Queues(instance.manifest, headers);
  const holdSeconds = Math.ceil(identity.timeoutSeconds) + HOLD_SLACK_SECONDS;
  try {
    await queues.hold(lease, between(LEAST_HOLD_SECONDS, holdSeconds, MOST_HOLD_SECONDS));
  } catch (thrown) {
    sink.report('warn', 'A delivery was not taken', thrown, id);
    return thrown instanceof QueueRefusal
      ? errorAnswer(401, 'The queue does not know of this delivery.')
      : errorAnswer(503, 'The queue cannot be reached.');
  }
  let verdict: Verdict;
  try {
    verdict = await work(delivery, queues);
  } catch (thrown) {
    sink.report('error', `Message ${id} waits`, thrown, id);
    await queues.hold(lease, LATER_SECONDS).catch(() => {});
    return bareAnswer(STATUS.failed);
  }
  try {
    if (typeof verdict === 'object') await queues.hold(lease, verdict.againAfterSeconds);
    else await queues.acknowledge(lease);
  } catch (thrown) {
    sink.report('warn', `Message ${id} may be delivered once more`, thrown, id);
    // The lease was lost, and somebody else has the message by now; else the queue is to do what it does by itself.
    if (!(thrown instanceof QueueRefusal)) return bareAnswer(STATUS.failed);
  }
  return bareAnswer(statusOf(verdict));
}

function statusOf(verdict: Verdict): number {
  if (verdict === 'done') return STATUS.ok;
  return verdict === 'skipped' ? STATUS.accepted : STATUS.undelivered;
}

/** Undefined for what is no delivery. */
function deliveryOf(headers: Readonly<Record<string, string>>, body: Buffer): Delivery | undefined {
  const topic = headers['ce-vqsqueuename'];
  const consumer = headers['ce-vqsconsumergroup'];
  const messageId = headers['ce-vqsmessageid'];
  const receipt = headers['ce-vqsreceipthandle'];
  if (headers['ce-type'] !== EVENT_TYPE) return undefined;
  // A message without a receipt is larger than a request may be, and would have to be fetched.
  if (!topic || !consumer || !messageId || !receipt) return undefined;
  const message = payloadOf(headers['content-type'] ?? '', body);
  const marked = messageHeadOf(message);
  const head = marked ?? {};
  const createdAt = timeOf(headers['ce-vqscreatedat']);
  const attributes = head.attributes ?? {};
  return {
    lease: { topic, consumer, receipt, region: headers['ce-vqsregion'] },
    id: head.id ?? messageId,
    data: marked === undefined ? message : jsonOf(fieldsOf(message)['data'] ?? null),
    attributes,
    group: head.group,
    sentAt: head.sentAt ?? createdAt,
    createdMs: Date.parse(createdAt),
    attempt: Math.max(1, Number(headers['ce-vqsdeliverycount']) || 1),
    head,
    trace:
      readTraceContext(head.traceparent, head.tracestate) ??
      readTraceContext(attributes['traceparent'], attributes['tracestate']) ??
      // The producer's, as Vercel hands it on.
      readTraceContext(headers['x-vercel-queue-traceparent'], headers['x-vercel-queue-tracestate']),
  };
}

function payloadOf(contentType: string, body: Buffer): JsonValue {
  const text = body.toString('utf8');
  if (!/\bjson\b/i.test(contentType)) return decodeText(text);
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

function between(least: number, value: number, most: number): number {
  return Math.min(Math.max(least, value), most);
}
