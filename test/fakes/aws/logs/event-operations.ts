/** What the Logs API does with events. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  integer,
  objects,
  optionalFlag,
  optionalInteger,
  optionalText,
  optionalTexts,
  text,
  type Input,
} from '../core/operation.ts';
import { compilePattern } from './filter-pattern.ts';
import { GROUP_NAME, STREAM_NAME } from './group-operations.ts';
import { badParameter, missing, type LogEvent, type LogGroup, type LogStore } from './store.ts';
import { makeToken, readToken } from './token.ts';

const BAD = { code: 'InvalidParameterException' } as const;
const LIMIT = { ...BAD, min: 1, max: 10_000 } as const;

export function eventOperations(store: LogStore): Readonly<Record<string, JsonOperation>> {
  return {
    FilterLogEvents(input) {
      const group = groupOf(store, input);
      const start = optionalInteger(input, 'startTime', { ...BAD, min: 0 }) ?? 0;
      const end = optionalInteger(input, 'endTime', { ...BAD, min: 0 }) ?? Infinity;
      if (end < start) throw badParameter('endTime must not be before startTime');
      const matches = compilePattern(
        optionalText(input, 'filterPattern', { ...BAD, max: 1024 }) ?? '',
      );
      const isStream = streamsOf(group, input);
      const size = optionalInteger(input, 'limit', LIMIT) ?? 10_000;
      const token = optionalText(input, 'nextToken', BAD);
      const question = JSON.stringify({ ...input, nextToken: undefined, limit: undefined });
      const after = token === undefined ? '' : readToken(question, token);
      const found = store
        .visible(group)
        .filter(({ timestamp }) => timestamp >= start && timestamp <= end)
        .filter(({ stream, message, id }) => id > after && isStream(stream) && matches(message));
      const events = found.slice(0, size);
      const last = events.at(-1);
      return {
        events: events.map((event) => ({
          logStreamName: event.stream,
          ...describe(event),
          eventId: event.id,
        })),
        searchedLogStreams: [],
        ...(last && found.length > size && { nextToken: makeToken(question, last.id) }),
      };
    },
    GetLogEvents(input) {
      const group = groupOf(store, input);
      const stream = text(input, 'logStreamName', STREAM_NAME);
      if (!group.streams.has(stream)) throw missing('The specified log stream does not exist.');
      const start = optionalInteger(input, 'startTime', { ...BAD, min: 0 }) ?? 0;
      const end = optionalInteger(input, 'endTime', { ...BAD, min: 0 }) ?? Infinity;
      const size = optionalInteger(input, 'limit', LIMIT) ?? 10_000;
      const found = store
        .visible(group)
        .filter((event) => event.stream === stream)
        .filter(({ timestamp }) => timestamp >= start && timestamp < end);
      const events = window(found, input, size);
      const [first, last] = [events.at(0), events.at(-1)];
      const given = optionalText(input, 'nextToken', BAD);
      // At the end the same token comes back (CloudWatch Logs API reference, GetLogEvents).
      return {
        events: events.map(describe),
        nextForwardToken: last ? `f/${last.id}` : (given ?? 'f/'),
        nextBackwardToken: first ? `b/${first.id}` : (given ?? 'b/'),
      };
    },
    PutLogEvents(input) {
      const group = store.get(text(input, 'logGroupName', GROUP_NAME));
      const stream = text(input, 'logStreamName', STREAM_NAME);
      if (!group.streams.has(stream)) throw missing('The specified log stream does not exist.');
      const events = objects(input, 'logEvents', LIMIT).map((event) => ({
        timestamp: integer(event, 'timestamp', { ...BAD, min: 0 }),
        message: text(event, 'message', { ...BAD, min: 1 }),
      }));
      if (events.some(({ timestamp }, at) => timestamp < (events[at - 1]?.timestamp ?? 0))) {
        throw badParameter(
          'Log events in a single PutLogEvents request must be in chronological order.',
        );
      }
      for (const { timestamp, message } of events) store.write(group, stream, timestamp, message);
      return { nextSequenceToken: '1' };
    },
  };
}

function groupOf(store: LogStore, input: Input): LogGroup {
  const identifier = optionalText(input, 'logGroupIdentifier', BAD);
  const name = optionalText(input, 'logGroupName', GROUP_NAME);
  if (identifier !== undefined && name !== undefined) {
    throw badParameter('Specify either logGroupName or logGroupIdentifier, and not both.');
  }
  if (identifier !== undefined) return store.byIdentifier(identifier);
  return store.get(text(input, 'logGroupName', GROUP_NAME));
}

function streamsOf(group: LogGroup, input: Input): (stream: string) => boolean {
  const names = optionalTexts(input, 'logStreamNames', { ...BAD, min: 1, max: 100 });
  const prefix = optionalText(input, 'logStreamNamePrefix', STREAM_NAME);
  if (names && prefix !== undefined) {
    throw badParameter('Specify either logStreamNames or logStreamNamePrefix, and not both.');
  }
  if (names?.some((name) => !group.streams.has(name))) {
    throw missing('The specified log stream does not exist.');
  }
  return (stream) => (names ? names.includes(stream) : stream.startsWith(prefix ?? ''));
}

/** The newest events, unless the head or a token asks for others. */
function window(found: readonly LogEvent[], input: Input, size: number): readonly LogEvent[] {
  const token = optionalText(input, 'nextToken', BAD);
  if (token === undefined) {
    return optionalFlag(input, 'startFromHead') ? found.slice(0, size) : found.slice(-size);
  }
  const [direction, id = ''] = token.split('/');
  if (direction === 'f') return found.filter((event) => event.id > id).slice(0, size);
  if (direction === 'b') return found.filter((event) => event.id < id).slice(-size);
  throw badParameter('The specified nextToken is invalid.');
}

function describe(event: LogEvent): object {
  return {
    timestamp: event.timestamp,
    message: event.message,
    ingestionTime: event.ingestedAt,
  };
}
