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
  /** Of the message, the same for each of its deliveries, and no other message's. */
  readonly key: string;
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
/** The lease is taken before the handler's time begins, and Vercel's own limit is not far behind that. */
const TAKE_MS = 5_000;
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
  const arrival = arrivalOf(headers);
  if (arrival === undefined) return errorAnswer(400, 'This is no delivery of a queue.');
  const { sink, identity } = instance;
  const queues = new Queues(instance.manifest, headers);
  const holdSeconds = Math.ceil(identity.timeoutSeconds) + HOLD_SLACK_SECONDS;
  let delivery: Delivery;
  try {
    const seconds = between(LEAST_HOLD_SECONDS, holdSeconds, MOST_HOLD_SECONDS);
    delivery = deliveryOf(await taken(queues, arrival, { headers, body }, seconds), headers);
  } catch (thrown) {
    sink.report('warn', 'A delivery was not taken', thrown, arrival.messageId);
    if (!(thrown instanceof QueueRefusal)) return errorAnswer(503, 'The queue cannot be reached.');
    // Another delivery has the message by now, or it is done.
    if (thrown.status === 409 || thrown.status === 410) return bareAnswer(STATUS.accepted);
    return errorAnswer(401, 'The queue does not know of this delivery.');
  }
  const { lease, id } = delivery;
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

/** What a delivery's own headers say. */
interface Arrival {
  readonly topic: string;
  readonly consumer: string;
  readonly messageId: string;
  /** Undefined for a message that is too large for a delivery: it is to be fetched, which gives a receipt. */
  readonly receipt: string | undefined;
  readonly region: string | undefined;
}

/** Of topics and consumer groups (`@vercel/queue`, "Identifier formats"). */
const NAME = /^[\w-]+$/;
/** As parts of a path they would lead elsewhere, however they are encoded. */
const DOTS = /^\.{1,2}$/;

/** Undefined for what is no delivery. */
function arrivalOf(headers: Readonly<Record<string, string>>): Arrival | undefined {
  const topic = headers['ce-vqsqueuename'] ?? '';
  const consumer = headers['ce-vqsconsumergroup'] ?? '';
  const messageId = headers['ce-vqsmessageid'] ?? '';
  const receipt = headers['ce-vqsreceipthandle'] || undefined;
  if (headers['ce-type'] !== EVENT_TYPE || messageId === '') return undefined;
  if (!NAME.test(topic) || !NAME.test(consumer)) return undefined;
  if (DOTS.test(messageId) || DOTS.test(receipt ?? '')) return undefined;
  return { topic, consumer, messageId, receipt, region: headers['ce-vqsregion'] };
}

/** A message that is ours for a while. */
interface Taken {
  readonly lease: Lease;
  readonly messageId: string;
  readonly contentType: string | undefined;
  readonly createdAt: string | undefined;
  readonly count: string | undefined;
  readonly body: Buffer;
}

async function taken(
  queues: Queues,
  arrival: Arrival,
  { headers, body }: Pick<IncomingRequest, 'headers' | 'body'>,
  seconds: number,
): Promise<Taken> {
  const { topic, consumer, messageId, receipt, region } = arrival;
  if (receipt !== undefined) {
    const lease = { topic, consumer, receipt, region };
    await queues.hold(lease, seconds, TAKE_MS);
    return {
      lease,
      messageId,
      contentType: headers['content-type'],
      createdAt: headers['ce-vqscreatedat'],
      count: headers['ce-vqsdeliverycount'],
      body,
    };
  }
  const part = await queues.receive(arrival, seconds);
  const own = part.headers['vqs-receipt-handle'];
  if (!own) throw new Error(`The message ${messageId} came without a receipt.`);
  return {
    lease: { topic, consumer, receipt: own, region },
    messageId,
    contentType: part.headers['content-type'],
    createdAt: part.headers['vqs-timestamp'],
    count: part.headers['vqs-delivery-count'],
    body: part.body,
  };
}

function deliveryOf(message: Taken, headers: Readonly<Record<string, string>>): Delivery {
  const { lease, messageId, contentType = '', count, body } = message;
  const payload = payloadOf(contentType, body);
  const marked = messageHeadOf(payload);
  const head = marked ?? {};
  const createdAt = timeOf(message.createdAt);
  const attributes = head.attributes ?? {};
  const { topic, consumer, region } = lease;
  return {
    lease,
    key: keyOf(topic, consumer, region ?? '', messageId, message.createdAt ?? ''),
    id: head.id ?? messageId,
    data: marked === undefined ? payload : jsonOf(fieldsOf(payload)['data'] ?? null),
    attributes,
    group: head.group,
    sentAt: head.sentAt ?? createdAt,
    createdMs: Date.parse(createdAt),
    attempt: Math.max(1, Number(count) || 1),
    head,
    trace:
      readTraceContext(head.traceparent, head.tracestate) ??
      readTraceContext(attributes['traceparent'], attributes['tracestate']) ??
      // The producer's, as Vercel hands it on.
      readTraceContext(headers['x-vercel-queue-traceparent'], headers['x-vercel-queue-tracestate']),
  };
}

function keyOf(...parts: readonly string[]): string {
  const { hash } = process.getBuiltinModule('node:crypto');
  return hash('sha256', JSON.stringify(parts), 'base64url');
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
