/** What the Logs API does with groups, streams and tags. */
import type { JsonOperation } from '../core/json-protocol.ts';
import {
  integer,
  optionalFlag,
  optionalInteger,
  optionalText,
  optionalTextMap,
  text,
  textMap,
  texts,
  type Input,
} from '../core/operation.ts';
import { badParameter, missing, type LogEvent, type LogGroup, type LogStore } from './store.ts';
import { makeToken, readToken } from './token.ts';

const BAD = { code: 'InvalidParameterException' } as const;
export const GROUP_NAME = { ...BAD, min: 1, max: 512, pattern: /[.\-_/#A-Za-z\d]+/ } as const;
export const STREAM_NAME = { ...BAD, min: 1, max: 512, pattern: /[^:*]*/ } as const;
/** Nothing between is taken (CloudWatch Logs API reference, PutRetentionPolicy). */
const RETENTION = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

export function groupOperations(store: LogStore): Readonly<Record<string, JsonOperation>> {
  return {
    CreateLogGroup(input) {
      const name = text(input, 'logGroupName', GROUP_NAME);
      const tags = optionalTextMap(input, 'tags', BAD) ?? {};
      const group = store.create(name);
      for (const [key, value] of Object.entries(tags)) group.tags.set(key, value);
      return {};
    },
    DeleteLogGroup(input) {
      store.delete(store.get(text(input, 'logGroupName', GROUP_NAME)));
      return {};
    },
    DescribeLogGroups(input) {
      const prefix = optionalText(input, 'logGroupNamePrefix', GROUP_NAME);
      const part = optionalText(input, 'logGroupNamePattern', BAD);
      if (prefix !== undefined && part !== undefined) {
        throw badParameter(
          'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
        );
      }
      const found = store.all.filter(
        ({ name }) =>
          name.startsWith(prefix ?? '') && name.toLowerCase().includes(part?.toLowerCase() ?? ''),
      );
      return page(input, 'logGroups', found.map(describeGroup));
    },
    PutRetentionPolicy(input) {
      const group = store.get(text(input, 'logGroupName', GROUP_NAME));
      const days = integer(input, 'retentionInDays', BAD);
      if (!RETENTION.includes(days)) {
        throw badParameter(
          `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${RETENTION.join(', ')}]`,
        );
      }
      group.retentionDays = days;
      return {};
    },
    DeleteRetentionPolicy(input) {
      store.get(text(input, 'logGroupName', GROUP_NAME)).retentionDays = undefined;
      return {};
    },
    TagResource(input) {
      const group = tagged(store, input);
      for (const [key, value] of Object.entries(textMap(input, 'tags', BAD))) {
        group.tags.set(key, value);
      }
      return {};
    },
    UntagResource(input) {
      const group = tagged(store, input);
      for (const key of texts(input, 'tagKeys', BAD)) group.tags.delete(key);
      return {};
    },
    ListTagsForResource: (input) => ({ tags: Object.fromEntries(tagged(store, input).tags) }),
    CreateLogStream(input) {
      const group = store.get(text(input, 'logGroupName', GROUP_NAME));
      store.createStream(group, text(input, 'logStreamName', STREAM_NAME));
      return {};
    },
    DescribeLogStreams(input) {
      const identifier = optionalText(input, 'logGroupIdentifier', BAD);
      const group = identifier
        ? store.byIdentifier(identifier)
        : store.get(text(input, 'logGroupName', GROUP_NAME));
      const prefix = optionalText(input, 'logStreamNamePrefix', STREAM_NAME);
      const order = optionalText(input, 'orderBy', {
        ...BAD,
        oneOf: ['LogStreamName', 'LastEventTime'],
      });
      if (order === 'LastEventTime' && prefix !== undefined) {
        throw badParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
      }
      const visible = store.visible(group);
      const found = [...group.streams]
        .filter(([name]) => name.startsWith(prefix ?? ''))
        .map(([name, createdAt]) => describeStream(group, name, createdAt, visible))
        .toSorted((one, other) =>
          order === 'LastEventTime'
            ? (one.lastEventTimestamp ?? 0) - (other.lastEventTimestamp ?? 0)
            : one.logStreamName.localeCompare(other.logStreamName),
        );
      return page(
        input,
        'logStreams',
        optionalFlag(input, 'descending') ? found.toReversed() : found,
      );
    },
  };
}

/** The ARN of a group, here without `:*` behind it (CloudWatch Logs API reference, TagResource). */
function tagged(store: LogStore, input: Input): LogGroup {
  const arn = text(input, 'resourceArn', BAD);
  const group = store.all.find((each) => each.arn === arn);
  if (!group) throw missing('The specified resource does not exist.');
  return group;
}

function describeGroup(group: LogGroup): object {
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    retentionInDays: group.retentionDays,
    metricFilterCount: 0,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    storedBytes: 0,
    logGroupClass: 'STANDARD',
  };
}

interface StreamDescription {
  readonly logStreamName: string;
  readonly creationTime: number;
  readonly arn: string;
  readonly storedBytes: number;
  readonly firstEventTimestamp?: number;
  readonly lastEventTimestamp?: number;
  readonly lastIngestionTime?: number;
}

function describeStream(
  group: LogGroup,
  name: string,
  createdAt: number,
  visible: readonly LogEvent[],
): StreamDescription {
  const events = visible.filter(({ stream }) => stream === name);
  const first = events.at(0);
  const last = events.at(-1);
  return {
    logStreamName: name,
    creationTime: createdAt,
    arn: `${group.arn}:log-stream:${name}`,
    storedBytes: 0,
    ...(first && { firstEventTimestamp: first.timestamp }),
    ...(last && { lastEventTimestamp: last.timestamp, lastIngestionTime: last.ingestedAt }),
  };
}

function page(input: Input, member: string, all: readonly object[]): object {
  const size = optionalInteger(input, 'limit', { ...BAD, min: 1, max: 50 }) ?? 50;
  const token = optionalText(input, 'nextToken', BAD);
  const from = token === undefined ? 0 : Number(readToken(member, token));
  const end = from + size;
  return {
    [member]: all.slice(from, end),
    ...(all.length > end && { nextToken: makeToken(member, String(end)) }),
  };
}
