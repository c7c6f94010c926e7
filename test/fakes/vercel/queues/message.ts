/** Messages, and what the service takes for one. https://vercel.com/docs/queues/api, and the README of `@vercel/queue`. */
import { QueueFault } from './fault.ts';

export interface Message {
  readonly messageId: string;
  readonly topic: string;
  readonly payload: Buffer;
  readonly contentType: string;
  /** As they go out with each delivery. */
  readonly headers: Readonly<Record<string, string>>;
  readonly createdMs: number;
  readonly expiresMs: number;
  /** Not to be seen before. */
  readonly visibleMs: number;
  /** The deployment that alone may have it; null: whichever is in production. */
  readonly deploymentId: string | null;
}

/** What a producer says of a message beside its payload. */
export interface SendSettings {
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  readonly idempotencyKey: string | null;
  readonly deploymentId: string | null;
}

export const DEFAULT_RETENTION_SECONDS = 86_400;
const LEAST_RETENTION_SECONDS = 60;
const MAX_RETENTION_SECONDS = 604_800;
const MAX_KEY_LENGTH = 256;
const MAX_PAYLOAD_BYTES = 100_000_000;

/** Topics and consumer groups. */
const NAME = /^[A-Za-z0-9_-]+$/;

export function checkName(kind: 'topic' | 'consumer group', name: string): void {
  if (!NAME.test(name)) {
    throw new QueueFault(400, `Invalid ${kind} name "${name}": it must match [A-Za-z0-9_-]+`);
  }
}

export function checkPayload(payload: Buffer): void {
  if (payload.length > MAX_PAYLOAD_BYTES) throw new QueueFault(413, 'Payload too large');
}

/** @param headers with names in lower case */
export function settingsOf(headers: Readonly<Record<string, string>>): SendSettings {
  const retentionSeconds = numberOf(headers, 'vqs-retention-seconds', {
    otherwise: DEFAULT_RETENTION_SECONDS,
    min: LEAST_RETENTION_SECONDS,
    max: MAX_RETENTION_SECONDS,
  });
  const delaySeconds = numberOf(headers, 'vqs-delay-seconds', {
    otherwise: 0,
    min: 0,
    max: retentionSeconds,
  });
  const idempotencyKey = headers['vqs-idempotency-key'] ?? null;
  if (idempotencyKey !== null && idempotencyKey.length > MAX_KEY_LENGTH) {
    throw new QueueFault(400, `Vqs-Idempotency-Key is longer than ${MAX_KEY_LENGTH} characters`);
  }
  return {
    retentionSeconds,
    delaySeconds,
    idempotencyKey,
    deploymentId: headers['vqs-deployment-id'] ?? null,
  };
}

function numberOf(
  headers: Readonly<Record<string, string>>,
  name: string,
  {
    otherwise,
    min,
    max,
  }: { readonly otherwise: number; readonly min: number; readonly max: number },
): number {
  const text = headers[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new QueueFault(400, `${name} must be an integer from ${min} to ${max}, not "${text}"`);
  }
  return value;
}

/** Of the connection, of the client, or ours: they end with the request. */
const OWN = new Set([
  'accept',
  'authorization',
  'connection',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'user-agent',
]);
const OWN_KINDS = /^(?:accept-|ce-|content-|sec-|vqs-|x-forwarded-|x-vercel-)/;
/** The producer's trace has names of its own beside the consumer's. */
const TRACE = new Set(['traceparent', 'tracestate', 'baggage']);

/** What travels with a message, of the headers of its request. */
export function travelling(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (OWN.has(lower) || OWN_KINDS.test(lower)) return [];
    return [[TRACE.has(lower) ? `x-vercel-queue-${lower}` : lower, value]];
  });
  return Object.fromEntries(kept);
}

/** `orders-*` stands for all topics that begin with `orders-`. */
export function isOfTopic(pattern: string, topic: string): boolean {
  return pattern.endsWith('*') ? topic.startsWith(pattern.slice(0, -1)) : pattern === topic;
}
