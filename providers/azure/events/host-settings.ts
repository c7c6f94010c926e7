/**
 * What the bindings set in host.json. It holds for all functions of a package at once (Azure Functions, "host.json
 * reference"). Only where a stream begins is told by app settings that override it: its time is known when its consumer
 * group is made.
 */
import type { Binding, JsonObject } from 'polyfaas/spi';
import type { BindingParts, EventOf } from './context.ts';

const PREFIX = 'AzureFunctionsJobHost__extensions__';

/**
 * How often the host itself lets a message of Azure Storage fail. The function counts attempts by itself and gives a
 * message up in time, so the host's count is there for what ends the process: more than any `maxAttempts` may be (100).
 */
const POISON_AFTER = 101;
/** host.json, `queues.batchSize`: 1 to 32, default 16. */
const MOST_AT_ONCE = 32;
const DEFAULT_AT_ONCE = 16;
/** The longest that a message of Service Bus stays locked without more being asked; default of the host 300 s. */
const SHORTEST_LOCK_SECONDS = 300;
const LOCK_MARGIN_SECONDS = 30;

/** One binding and what it comes to. */
export interface Planned {
  readonly binding: Binding;
  readonly parts: BindingParts;
}

/** The part `extensions` of host.json. */
export function hostExtensions(
  planned: readonly Planned[],
  timeoutSeconds: number,
): Readonly<Record<string, JsonObject>> {
  return {
    queues: queueOptions(planned),
    ...serviceBusOptions(planned, timeoutSeconds),
    ...streamOptions(planned),
  };
}

/** Where streams begin that are read from their oldest record. */
export function oldestSettings(planned: readonly Planned[]): Readonly<Record<string, string>> {
  const [first] = enabledStreams(planned.map(({ binding }) => binding));
  return first?.from === 'oldest' ? { [STREAM_START.type]: 'fromStart' } : {};
}

/** Always there: asynchronous invocations are in a queue too. */
function queueOptions(planned: readonly Planned[]): JsonObject {
  const atOnce = atOnceOf(planned, 'storageQueue', MOST_AT_ONCE) ?? DEFAULT_AT_ONCE;
  return {
    maxDequeueCount: POISON_AFTER,
    // Failures that the function sees are put again with a delay of their own. What fails otherwise, because nothing can
    // be sent yet or any more, must not use up its deliveries at once.
    visibilityTimeout: '00:00:30',
    batchSize: atOnce,
    newBatchThreshold: Math.floor(atOnce / 2),
  };
}

function serviceBusOptions(
  planned: readonly Planned[],
  timeoutSeconds: number,
): Readonly<Record<string, JsonObject>> {
  const isUsed = planned.some(({ parts }) => parts.trigger?.method.startsWith('serviceBus'));
  if (!isUsed) return {};
  const atOnce = atOnceOf(planned, 'serviceBusQueue', 1000);
  const lock = Math.max(SHORTEST_LOCK_SECONDS, timeoutSeconds + LOCK_MARGIN_SECONDS);
  return {
    serviceBus: {
      maxAutoLockRenewalDuration: clock(lock),
      ...(atOnce === undefined ? {} : { maxConcurrentCalls: Math.max(DEFAULT_AT_ONCE, atOnce) }),
    },
  };
}

/** How many messages an instance takes at once: as many as the largest batch that was asked for. */
function atOnceOf(
  planned: readonly Planned[],
  method: 'storageQueue' | 'serviceBusQueue',
  most: number,
): number | undefined {
  const sizes = planned.flatMap(({ binding: { event }, parts }) =>
    event.type === 'queue' && parts.trigger?.method === method ? [event.batchSize] : [],
  );
  return sizes.length === 0 ? undefined : Math.min(most, Math.max(...sizes));
}

function streamOptions(planned: readonly Planned[]): Readonly<Record<string, JsonObject>> {
  const streams = enabledStreams(planned.map(({ binding }) => binding));
  if (streams.length === 0) return {};
  const window = commonWindow(streams);
  return {
    eventHubs: {
      maxEventBatchSize: Math.max(...streams.map(({ batchSize }) => batchSize)),
      ...(window === undefined
        ? {}
        : {
            minEventBatchSize: Math.min(...streams.map(({ batchSize }) => batchSize)),
            maxWaitTime: clock(window),
          }),
    },
  };
}

/** Where a stream begins that was never read; the time is told by the consumer groups. */
export const STREAM_START = {
  type: `${PREFIX}eventHubs__initialOffsetOptions__type`,
  time: `${PREFIX}eventHubs__initialOffsetOptions__enqueuedTimeUtc`,
} as const;

export function enabledStreams(bindings: readonly Binding[]): readonly EventOf<'stream'>[] {
  return bindings.flatMap(({ event }) => (event.type === 'stream' && event.enabled ? [event] : []));
}

/** How long to wait for a batch to fill: only where every stream is to wait. */
export function commonWindow(streams: readonly EventOf<'stream'>[]): number | undefined {
  const windows = streams.map(({ batchWindowSeconds }) => batchWindowSeconds);
  return windows.length === 0 || windows.includes(0) ? undefined : Math.max(...windows);
}

/** `hh:mm:ss`, or `d.hh:mm:ss`. */
function clock(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const text = [
    two(Math.floor((seconds % 86_400) / 3600)),
    two(Math.floor((seconds % 3600) / 60)),
    two(seconds % 60),
  ].join(':');
  return days === 0 ? text : `${days}.${text}`;
}
