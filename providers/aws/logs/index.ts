/** A function's log, from CloudWatch Logs. */
import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import type { CallContext, LogEntry, LogLevel, LogsQuery } from 'polyfaas/spi';
import type { AwsClients } from '../clients/index.ts';
import { classify } from '../errors.ts';
import { logGroupName } from '../names.ts';
import { decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { decodeLine } from './decode-line.ts';
import { SameCall } from './same-call.ts';

const POLL_MS = 2_000;

/** So many failures in a row, of a kind that passes, end the reading. CloudWatch takes few requests a second. */
const MAX_FAILURES = 5;

/** Instances write to streams of their own, which reach the log in no order: so far back a follower looks again. */
const LOOK_BACK_MS = 60_000;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * The entries of a window, oldest first. Lines of Lambda itself are none. A request id may be ours or Lambda's; what
 * `console` prints carries only Lambda's, and is found by ours where another line or `known` tells that they are the same.
 *
 * @param functionName the physical name of a function that is there.
 * @param known Lambda's ids of a request.
 * @param logGroup default: Lambda's own choice for that name. A group that is not there holds nothing.
 * @throws ServerlessError INVALID_ARGUMENT for a cursor that is none.
 */
export async function* readLogs(
  aws: AwsClients,
  functionName: string,
  query: LogsQuery,
  call: CallContext,
  known: (requestId: string) => readonly string[] = () => [],
  logGroup = logGroupName(functionName),
): AsyncGenerator<LogEntry> {
  const start = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const seen = new RecentIds();
  const { requestId } = query;
  const same = requestId === undefined ? undefined : new SameCall(requestId, known(requestId));
  // The line that tells the ids may be before the cursor.
  let learnFromMs = Date.parse(query.from);
  let fromMs = Math.max(Date.parse(query.from), start?.timestamp ?? 0);
  let left = query.limit;
  for (let round = 0; ; round += 1) {
    const toMs = query.follow ? undefined : Date.parse(query.to);
    const reading = { aws, group: logGroup, toMs, hasBegun: round > 0 };
    const links = same?.linkPattern;
    if (same !== undefined && links !== undefined) {
      const lines = readEvents({ ...reading, fromMs: learnFromMs, pattern: links }, call);
      for await (const { message = '' } of lines) same.learn(message);
      learnFromMs = fromMs;
    }
    const hasBegun = reading.hasBegun || links !== undefined;
    const events = readEvents({ ...reading, hasBegun, fromMs, pattern: same?.pattern }, call);
    // The cursor's place is found again in the first round; later ones know what was delivered.
    for await (const event of round === 0 ? after(events, start, seen) : events) {
      if (!seen.add(event)) continue;
      fromMs = Math.max(fromMs, (event.timestamp ?? 0) - LOOK_BACK_MS);
      const entry = entryOf(event, query, same);
      if (entry === undefined) continue;
      yield entry;
      left -= 1;
      if (left <= 0) return;
    }
    if (!query.follow) return;
    await call.clock.sleep(POLL_MS, call.signal);
  }
}

async function* readEvents(
  parts: {
    readonly aws: AwsClients;
    readonly group: string;
    readonly fromMs: number;
    readonly toMs: number | undefined;
    readonly pattern: string | undefined;
    readonly hasBegun: boolean;
  },
  call: CallContext,
): AsyncGenerator<FilteredLogEvent> {
  const { group, fromMs, toMs, pattern: filterPattern, hasBegun } = parts;
  const logs = await parts.aws.logs();
  let nextToken: string | undefined;
  let isFirst = !hasBegun;
  let failures = 0;
  do {
    try {
      const page = await logs.filterLogEvents(
        {
          logGroupName: group,
          startTime: fromMs,
          ...(toMs === undefined ? {} : { endTime: toMs }),
          ...(filterPattern === undefined ? {} : { filterPattern }),
          ...(nextToken === undefined ? {} : { nextToken }),
        },
        { abortSignal: call.signal },
      );
      failures = 0;
      isFirst = false;
      yield* page.events ?? [];
      ({ nextToken } = page);
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return;
      // The core repeats what fails before the first entry, and cannot do so behind it.
      const isPassing = !isFirst && failures < MAX_FAILURES && classify(error).retryable;
      if (!isPassing || call.signal.aborted) throw error;
      failures += 1;
      await call.clock.sleep(POLL_MS * failures, call.signal);
    }
  } while (nextToken !== undefined || failures > 0);
}

/** What comes behind a position. Events of the same millisecond keep their order. */
async function* after(
  events: AsyncIterable<FilteredLogEvent>,
  start: Position | undefined,
  seen: RecentIds,
): AsyncGenerator<FilteredLogEvent> {
  let held: FilteredLogEvent[] | undefined = start === undefined ? undefined : [];
  for await (const event of events) {
    const { timestamp = 0, eventId } = event;
    if (start === undefined || held === undefined) {
      yield event;
    } else if (timestamp === start.timestamp) {
      held.push(event);
      if (eventId !== start.eventId) continue;
      for (const before of held) seen.add(before);
      held = undefined;
    } else if (timestamp > start.timestamp) {
      // The event that the cursor names is gone: all of its millisecond count as unseen.
      yield* held;
      held = undefined;
      yield event;
    }
  }
  yield* held ?? [];
}

function entryOf(
  { message = '', timestamp = 0, eventId = '', logStreamName = '' }: FilteredLogEvent,
  { minLevel }: LogsQuery,
  same: SameCall | undefined,
): LogEntry | undefined {
  const decoded = decodeLine(message);
  if (decoded === undefined) return undefined;
  const { awsRequestId: _awsRequestId, ...line } = decoded;
  const requestId = same?.shown(decoded);
  if (same !== undefined && requestId === undefined) return undefined;
  if (minLevel !== undefined && ORDER.indexOf(line.level) < ORDER.indexOf(minLevel)) {
    return undefined;
  }
  const version = /\[([^\]]+)\]/.exec(logStreamName)?.[1];
  return {
    time: new Date(timestamp).toISOString(),
    ...line,
    ...(requestId === undefined ? {} : { requestId }),
    ...(version === undefined ? {} : { version }),
    cursor: encodeCursor({ timestamp, eventId }),
  };
}

/** The events that a follower may meet again. */
class RecentIds {
  readonly #ids = new Map<string, number>();
  #latest = 0;

  /** @returns false when the event was there before. */
  add({ eventId = '', timestamp = 0 }: FilteredLogEvent): boolean {
    if (this.#ids.has(eventId)) return false;
    this.#ids.set(eventId, timestamp);
    this.#latest = Math.max(this.#latest, timestamp);
    for (const [id, time] of this.#ids) {
      // In the order of arrival, which is nearly that of time.
      if (this.#ids.size < 10_000 || time > this.#latest - 2 * LOOK_BACK_MS) break;
      this.#ids.delete(id);
    }
    return true;
  }
}
