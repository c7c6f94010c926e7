/** What a subscription is to be: read from its resource, with all that the service looks at. */
import { mapOf, textOf, type JsonMap } from '../core/json.ts';
import { checkLabels } from '../core/labels.ts';
import type { World } from '../core/ports.ts';
import { millisecondsOf } from './durations.ts';
import { checkRange, invalid, invalidArgument, notFound, notSupported } from './faults.ts';
import { FilterProblem } from './filter/lexer.ts';
import { parseFilter, type Filter } from './filter/parse.ts';
import { checkName, DELETED_TOPIC } from './names.ts';

export interface PushSettings {
  readonly endpoint: string;
  /** Undefined: pushes carry no token. */
  readonly token: { readonly serviceAccount: string; readonly audience: string } | undefined;
  /** Undefined: Pub/Sub's own form. */
  readonly unwrapped: { readonly writesMetadata: boolean } | undefined;
}

export interface SubscriptionSettings {
  /** Full name. */
  readonly topic: string;
  readonly push: PushSettings | undefined;
  readonly ackDeadlineMs: number;
  readonly retentionMs: number;
  readonly isOrdered: boolean;
  readonly filter: Filter;
  readonly deadLetter: { readonly topic: string; readonly maxAttempts: number } | undefined;
  readonly retry: { readonly minimumMs: number; readonly maximumMs: number } | undefined;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DEFAULT_ACK_SECONDS = 10;
const DEFAULT_ATTEMPTS = 5;
const DEFAULT_BACKOFF = { minimumBackoff: '10s', maximumBackoff: '600s' };
const MAX_BACKOFF_MS = 600_000;
const MAX_FILTER_BYTES = 256;
const NOT_OFFERED = [
  'bigqueryConfig',
  'bigtableConfig',
  'cloudStorageConfig',
  'messageTransforms',
  'enableExactlyOnceDelivery',
  'tags',
  'detached',
];

/** The resource with the defaults that the service writes into it. `wish` is in its normal form, without what only the service writes. */
export function completed(wish: JsonMap): JsonMap {
  const retry = mapOf(wish['retryPolicy']);
  const dead = mapOf(wish['deadLetterPolicy']);
  return {
    ...wish,
    pushConfig: wish['pushConfig'] ?? {},
    ackDeadlineSeconds: wish['ackDeadlineSeconds'] ?? DEFAULT_ACK_SECONDS,
    messageRetentionDuration: wish['messageRetentionDuration'] ?? '604800s',
    expirationPolicy: wish['expirationPolicy'] ?? { ttl: '2678400s' },
    ...(wish['retryPolicy'] !== undefined && { retryPolicy: { ...DEFAULT_BACKOFF, ...retry } }),
    ...(wish['deadLetterPolicy'] !== undefined && {
      deadLetterPolicy: { maxDeliveryAttempts: DEFAULT_ATTEMPTS, ...dead },
    }),
  };
}

/** @throws GoogleFault for what the service refuses, whoever asks */
export function readSettings(
  world: World,
  resource: JsonMap,
  topicExists: (name: string) => boolean,
): SubscriptionSettings {
  for (const field of NOT_OFFERED) {
    if (resource[field] !== undefined) throw notSupported(`Subscription.${field}`);
  }
  checkLabels(resource['labels']);
  checkExpiration(resource);
  return {
    topic: textOf(resource['topic']),
    push: readPush(world, mapOf(resource['pushConfig'])),
    ackDeadlineMs: readAckDeadline(resource['ackDeadlineSeconds']),
    retentionMs: readRetention('message_retention_duration', resource['messageRetentionDuration']),
    isOrdered: resource['enableMessageOrdering'] === true,
    filter: readFilter(textOf(resource['filter'])),
    deadLetter: readDeadLetter(resource['deadLetterPolicy'], topicExists),
    retry: readRetry(resource['retryPolicy']),
  };
}

function readPush(world: World, config: JsonMap): PushSettings | undefined {
  const endpoint = textOf(config['pushEndpoint']);
  const { oidcToken, noWrapper } = config;
  const email = textOf(mapOf(oidcToken)['serviceAccountEmail']);
  if (endpoint === '') {
    // A token is for pushes: without an endpoint there are none.
    if (oidcToken !== undefined) throw invalidArgument('PushConfig::push_endpoint');
    return undefined;
  }
  if (!isHttp(endpoint)) {
    throw invalid(
      `Invalid push endpoint given (endpoint=${endpoint}). Refer to https://cloud.google.com/pubsub/docs/push for more information.`,
    );
  }
  if (oidcToken !== undefined && !world.identity.accountExists(email)) {
    throw invalidArgument('PushConfig::OidcToken::service_account_email');
  }
  return {
    endpoint,
    token:
      oidcToken === undefined
        ? undefined
        : { serviceAccount: email, audience: textOf(mapOf(oidcToken)['audience']) || endpoint },
    unwrapped:
      noWrapper === undefined
        ? undefined
        : { writesMetadata: mapOf(noWrapper)['writeMetadata'] === true },
  };
}

function isHttp(endpoint: string): boolean {
  return URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol);
}

function readAckDeadline(seconds: unknown): number {
  const value = Number(seconds);
  if (value < 10 || value > 600) {
    throw invalid(
      `Invalid ack deadline given (ack_deadline_secs=${value}). The ack deadline must be between 10 and 600 seconds.`,
    );
  }
  return value * 1000;
}

/** 10 minutes to 31 days. */
export function readRetention(name: string, duration: unknown): number {
  const retention = millisecondsOf(duration) ?? 0;
  checkRange(`${name}_ms`, retention, { min: 10 * MINUTE, max: 31 * DAY });
  return retention;
}

function checkExpiration(resource: JsonMap): void {
  // Without a time to live it never ends.
  const ttl = millisecondsOf(mapOf(resource['expirationPolicy'])['ttl']);
  if (ttl !== undefined) {
    checkRange('expiration_policy.ttl_ms', ttl, { min: DAY, max: Number.MAX_SAFE_INTEGER });
    const retention = millisecondsOf(resource['messageRetentionDuration']) ?? 0;
    checkRange('message_retention_duration_ms', retention, { min: 0, max: ttl });
  }
}

function readFilter(text: string): Filter {
  if (text === '') return () => true;
  checkRange('filter_size', Buffer.byteLength(text), { min: 0, max: MAX_FILTER_BYTES });
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterProblem)) throw error;
    throw invalid(`Invalid filter given (filter=${text}): ${error.message}.`);
  }
}

function readDeadLetter(
  policy: unknown,
  topicExists: (name: string) => boolean,
): SubscriptionSettings['deadLetter'] {
  if (policy === undefined) return undefined;
  const topic = textOf(mapOf(policy)['deadLetterTopic']);
  const maxAttempts = Number(mapOf(policy)['maxDeliveryAttempts']);
  checkRange('max_delivery_attempts', maxAttempts, { min: 5, max: 100 });
  if (topic !== DELETED_TOPIC) {
    checkName('topics', topic, 'dead_letter_topic');
    if (!topicExists(topic)) throw notFound(topic);
  }
  return { topic, maxAttempts };
}

function readRetry(policy: unknown): SubscriptionSettings['retry'] {
  if (policy === undefined) return undefined;
  const { minimumBackoff, maximumBackoff } = mapOf(policy);
  const minimumMs = millisecondsOf(minimumBackoff) ?? 0;
  const maximumMs = millisecondsOf(maximumBackoff) ?? 0;
  const range = { min: 0, max: MAX_BACKOFF_MS };
  checkRange('retry_policy.minimum_backoff_ms', minimumMs, range);
  checkRange('retry_policy.maximum_backoff_ms', maximumMs, range);
  if (minimumMs > maximumMs) {
    throw invalid(
      `Invalid retry policy given (minimum_backoff=${String(minimumBackoff)}, maximum_backoff=${String(maximumBackoff)}). The minimum backoff must not be longer than the maximum backoff.`,
    );
  }
  return { minimumMs, maximumMs };
}
