/** Queries of Insights: they are started, take a moment, and are asked for. */
import { randomUUID } from 'node:crypto';
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  integer,
  optionalInteger,
  optionalText,
  optionalTexts,
  text,
  type Input,
} from '../core/operation.ts';
import type { FakeClock } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { GROUP_NAME } from './group-operations.ts';
import { runQuery, type QueryResult } from './insights/run.ts';
import { badParameter, missing, type LogGroup, type LogStore } from './store.ts';

const BAD = { code: 'InvalidParameterException' } as const;
const SCHEDULED_MS = 100;
const COMPLETE_MS = 500;
const MAX_RUNNING = 30;

interface Query {
  readonly startedAt: number;
  readonly scanned: number;
  readonly bytes: number;
  readonly result: QueryResult;
  isCancelled: boolean;
}

export function queryOperations(
  store: LogStore,
  clock: FakeClock,
  account: string,
): Readonly<Record<string, JsonOperation>> {
  const queries = new Map<string, Query>();

  function statusOf(query: Query): string {
    if (query.isCancelled) return 'Cancelled';
    const age = clock.now() - query.startedAt;
    if (age < SCHEDULED_MS) return 'Scheduled';
    return age < COMPLETE_MS ? 'Running' : 'Complete';
  }

  function find(id: string): Query {
    const query = queries.get(id);
    if (!query) throw missing(`Query ${id} does not exist`);
    return query;
  }

  const isUnderWay = (query: Query): boolean => ['Scheduled', 'Running'].includes(statusOf(query));

  return {
    StartQuery(input) {
      const groups = groupsOf(store, input);
      // Seconds since the epoch, not milliseconds (CloudWatch Logs API reference, StartQuery).
      const start = integer(input, 'startTime', { ...BAD, min: 0 });
      const end = integer(input, 'endTime', { ...BAD, min: 0 });
      if (end < start) throw badParameter('End time should not be before start time');
      const limit = optionalInteger(input, 'limit', { ...BAD, min: 1, max: 10_000 }) ?? 1000;
      const queryString = text(input, 'queryString', { ...BAD, max: 10_000 });
      const sources = groups.flatMap((group) =>
        store
          .visible(group)
          .filter(({ timestamp }) => timestamp >= start * 1000 && timestamp <= end * 1000)
          .map((event) => ({ event, log: `${account}:${group.name}` })),
      );
      const result = runQuery(queryString, sources, limit);
      if ([...queries.values()].filter(isUnderWay).length >= MAX_RUNNING) {
        throw new AwsFault(400, 'LimitExceededException', 'Too many queries are running');
      }
      const queryId = randomUUID();
      const bytes = sources.reduce((sum, { event }) => sum + Buffer.byteLength(event.message), 0);
      queries.set(queryId, {
        startedAt: clock.now(),
        scanned: sources.length,
        bytes,
        result,
        isCancelled: false,
      });
      return { queryId };
    },
    GetQueryResults(input) {
      const query = find(text(input, 'queryId', { ...BAD, max: 256 }));
      const status = statusOf(query);
      const isComplete = status === 'Complete';
      return {
        queryLanguage: 'CWLI',
        status,
        results: isComplete ? query.result.results : [],
        statistics: {
          recordsMatched: isComplete ? query.result.recordsMatched : 0,
          recordsScanned: isComplete ? query.scanned : 0,
          bytesScanned: isComplete ? query.bytes : 0,
        },
      };
    },
    StopQuery(input) {
      const id = text(input, 'queryId', { ...BAD, max: 256 });
      const query = find(id);
      if (!isUnderWay(query)) throw badParameter(`Query (${id}) is not running.`);
      query.isCancelled = true;
      return { success: true };
    },
  };
}

function groupsOf(store: LogStore, input: Input): readonly LogGroup[] {
  const one = optionalText(input, 'logGroupName', GROUP_NAME);
  const names = optionalTexts(input, 'logGroupNames', { ...BAD, min: 1, max: 50 });
  const identifiers = optionalTexts(input, 'logGroupIdentifiers', { ...BAD, min: 1, max: 50 });
  const given = [one && [one], names, identifiers].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw badParameter(
      'Exactly one of logGroupName, logGroupNames and logGroupIdentifiers is required',
    );
  }
  if (identifiers) return identifiers.map((identifier) => store.byIdentifier(identifier));
  return (names ?? (one === undefined ? [] : [one])).map((name) => store.get(name));
}
