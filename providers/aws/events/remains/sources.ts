/** Sources that were made for a function that is gone, and buckets that still tell it: only a look at each one shows. */
import { aliasArn } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { ifReadable } from '../../replies.ts';
import { busName, placeOf, plainName } from '../arn.ts';
import { DEFAULT_BUS } from '../bus/plan.ts';
import { madeTags } from '../made/delete-source.ts';
import { CONFIGURATION_PREFIX } from '../names.ts';
import { readConfiguration } from '../object/notifications.ts';
import { isOurs } from '../tags.ts';
import { everyItem, searched, type Search } from './search.ts';

/** So many are looked at at the same time. */
const AT_ONCE = 8;

type Kind = MadeSource['kind'];

const LISTED: Readonly<Record<Kind, string>> = {
  queue: 'queues',
  topic: 'topics',
  bucket: 'buckets',
  stream: 'streams',
  table: 'tables',
  bus: 'buses',
};

/** What gives its dead letters to a queue goes before that queue. */
const ORDER: readonly Kind[] = ['topic', 'bucket', 'stream', 'table', 'bus', 'queue'];

export interface SourceRemains {
  readonly made: readonly MadeSource[];
  /** Names of buckets with entries of the function's. */
  readonly buckets: readonly string[];
}

export async function findSources(search: Search): Promise<SourceRemains> {
  const names = await Promise.all(
    ORDER.map((kind) => searched(search, LISTED[kind], [], () => namesOf(search, kind))),
  );
  const made = await Promise.all(
    ORDER.map(async (kind, index) => {
      const own = await filtered(names[index] ?? [], (name) => isOwn(search, { kind, name }));
      return own.map((name) => ({ kind, name }));
    }),
  );
  const buckets = await filtered(names[ORDER.indexOf('bucket')] ?? [], (name) =>
    tellsFunction(search, name),
  );
  return { made: made.flat(), buckets };
}

async function isOwn({ aws, target, call }: Search, source: MadeSource): Promise<boolean> {
  const { kind, name } = source;
  const scope = { aws, target, place: placeOf(target), name, call };
  return isOurs(target, await ifReadable(madeTags(kind, scope)));
}

async function tellsFunction({ aws, target, call }: Search, bucket: string): Promise<boolean> {
  const found = await ifReadable(readConfiguration(await aws.s3(), bucket, call));
  const alias = aliasArn(target);
  return (found?.LambdaFunctionConfigurations ?? []).some(
    ({ Id = '', LambdaFunctionArn }) =>
      LambdaFunctionArn === alias && Id.startsWith(CONFIGURATION_PREFIX),
  );
}

async function filtered(
  names: readonly string[],
  holds: (name: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const kept: string[] = [];
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE);
    const held = await Promise.all(some.map(holds));
    kept.push(...some.filter((_, index) => held[index]));
  }
  return kept;
}

async function namesOf({ aws, call }: Search, kind: Kind): Promise<readonly string[]> {
  const options = { abortSignal: call.signal };
  switch (kind) {
    case 'queue': {
      const sqs = await aws.sqs();
      const urls = await everyItem(async (token) => {
        const page = await sqs.listQueues(
          { MaxResults: 1000, ...(token === undefined ? {} : { NextToken: token }) },
          options,
        );
        return { items: page.QueueUrls, next: page.NextToken };
      });
      return urls.map((url) => url.split('/').at(-1) ?? url);
    }
    case 'topic': {
      const sns = await aws.sns();
      const topics = await everyItem(async (token) => {
        const page = await sns.listTopics(token ? { NextToken: token } : {}, options);
        return { items: page.Topics, next: page.NextToken };
      });
      return topics.flatMap(({ TopicArn }) => (TopicArn ? [plainName(TopicArn)] : []));
    }
    case 'bucket': {
      const s3 = await aws.s3();
      const buckets = await everyItem(async (token) => {
        const page = await s3.listBuckets(
          {
            BucketRegion: aws.region,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          },
          options,
        );
        return { items: page.Buckets, next: page.ContinuationToken };
      });
      return buckets.flatMap(({ Name }) => Name ?? []);
    }
    case 'stream': {
      const kinesis = await aws.kinesis();
      return everyItem(async (token) => {
        const page = await kinesis.listStreams(token ? { NextToken: token } : {}, options);
        return { items: page.StreamNames, next: page.NextToken };
      });
    }
    case 'table': {
      const dynamodb = await aws.dynamodb();
      return everyItem(async (token) => {
        const page = await dynamodb.listTables(
          token ? { ExclusiveStartTableName: token } : {},
          options,
        );
        return { items: page.TableNames, next: page.LastEvaluatedTableName };
      });
    }
    case 'bus':
      break;
  }
  const events = await aws.eventbridge();
  const buses = await everyItem(async (token) => {
    const page = await events.listEventBuses(token ? { NextToken: token } : {}, options);
    return { items: page.EventBuses, next: page.NextToken };
  });
  return buses.flatMap(({ Name }) =>
    Name === undefined || Name === DEFAULT_BUS ? [] : [busName(Name)],
  );
}
