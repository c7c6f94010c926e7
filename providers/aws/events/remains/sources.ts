/** Sources that were made for a function that is gone, and buckets that still tell it: only a look at each one shows. */
import { aliasArn } from '../../model.ts';
import type { MadeSource } from '../../record.ts';
import { isDenied } from '../../errors.ts';
import { busName, placeOf, plainName } from '../arn.ts';
import { DEFAULT_BUS } from '../bus/plan.ts';
import { madeTags } from '../made/delete-source.ts';
import { CONFIGURATION_PREFIX } from '../names.ts';
import { readConfiguration } from '../object/notifications.ts';
import { everyItem } from '../pages.ts';
import { isOurs } from '../tags.ts';
import { searched, unhurried, type AccountSearch, type Search } from './search.ts';

type Kind = MadeSource['kind'];

/** A source of the account. */
interface Listed {
  readonly name: string;
  /** Of queues. */
  readonly url?: string;
}

const LISTED: Readonly<Record<Kind, string>> = {
  queue: 'queues',
  topic: 'topics',
  bucket: 'buckets',
  stream: 'streams',
  table: 'tables',
  bus: 'buses',
};

/**
 * So many are looked at at the same time. Tags are told slowly: those of tables 10 times a second in a whole account
 * (DynamoDB API reference, `ListTagsOfResource`), of streams 5 times (Kinesis API reference, `ListTagsForStream`), of
 * topics 10 times (SNS quotas).
 */
const AT_ONCE: Readonly<Record<Kind, number>> = {
  queue: 8,
  topic: 2,
  bucket: 8,
  stream: 1,
  table: 2,
  bus: 4,
};

/** So many that could not be looked at are told by name. */
const MOST_TOLD = 3;

/** What gives its dead letters to a queue goes before that queue. */
const ORDER: readonly Kind[] = ['topic', 'bucket', 'stream', 'table', 'bus', 'queue'];

export interface SourceRemains {
  readonly made: readonly MadeSource[];
  /** Names of buckets with entries of the function's. */
  readonly buckets: readonly string[];
}

export async function findSources(search: AccountSearch): Promise<SourceRemains> {
  const found = await Promise.all(
    ORDER.map(async (kind) => {
      const all = await searched(search, LISTED[kind], [], () => listOf(search, kind));
      const refused = new Set<string>();
      const looks = { search, all, atOnce: AT_ONCE[kind], refused };
      const own = await filtered(looks, (one) => isOwn(search, kind, one));
      const telling =
        kind === 'bucket' ? await filtered(looks, ({ name }) => tellsFunction(search, name)) : [];
      if (refused.size > 0) search.unsearched.add(named(LISTED[kind], [...refused]));
      return { made: own.map((name): MadeSource => ({ kind, name })), buckets: telling };
    }),
  );
  return {
    made: found.flatMap(({ made }) => made),
    buckets: found.flatMap(({ buckets }) => buckets),
  };
}

/** `buckets ("a", "b", "c" and 4 more)`. */
function named(kind: string, names: readonly string[]): string {
  const told = names.slice(0, MOST_TOLD).map((name) => `"${name}"`);
  const more = names.length - told.length;
  return `${kind} (${told.join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}

async function isOwn(
  { aws, target, call }: Search,
  kind: Kind,
  { name, url }: Listed,
): Promise<boolean> {
  const place = placeOf(target);
  const scope = { aws, target, place, name, call, ...(url === undefined ? {} : { url }) };
  return isOurs(target, await madeTags(kind, scope));
}

async function tellsFunction({ aws, target, call }: Search, bucket: string): Promise<boolean> {
  const found = await readConfiguration(await aws.s3(), bucket, call);
  const alias = aliasArn(target);
  return (found?.LambdaFunctionConfigurations ?? []).some(
    ({ Id = '', LambdaFunctionArn }) =>
      LambdaFunctionArn === alias && Id.startsWith(CONFIGURATION_PREFIX),
  );
}

/** The names of those of which it holds. What may not be looked at is added to `refused`. */
async function filtered(
  parts: {
    readonly search: Search;
    readonly all: readonly Listed[];
    readonly atOnce: number;
    readonly refused: Set<string>;
  },
  holds: (one: Listed) => Promise<boolean>,
): Promise<readonly string[]> {
  const { search, all, atOnce, refused } = parts;
  const look = async (one: Listed): Promise<boolean> => {
    try {
      return await unhurried(search.call, () => holds(one));
    } catch (error) {
      if (!isDenied(error)) throw error;
      refused.add(one.name);
      return false;
    }
  };
  const kept: string[] = [];
  for (let from = 0; from < all.length; from += atOnce) {
    const some = all.slice(from, from + atOnce);
    const held = await Promise.all(some.map(look));
    kept.push(...some.flatMap(({ name }, index) => (held[index] === true ? [name] : [])));
  }
  return kept;
}

const byName = (names: readonly (string | undefined)[]): readonly Listed[] =>
  names.flatMap((name) => (name === undefined ? [] : [{ name }]));

async function listOf({ aws, call, buses }: AccountSearch, kind: Kind): Promise<readonly Listed[]> {
  const options = { abortSignal: call.signal };
  switch (kind) {
    case 'queue': {
      const sqs = await aws.sqs();
      const urls = await everyItem(async (token) => {
        const page = await unhurried(call, () =>
          sqs.listQueues(
            { MaxResults: 1000, ...(token === undefined ? {} : { NextToken: token }) },
            options,
          ),
        );
        return { items: page.QueueUrls, next: page.NextToken };
      });
      return urls.map((url) => ({ name: url.split('/').at(-1) ?? url, url }));
    }
    case 'topic': {
      const sns = await aws.sns();
      const topics = await everyItem(async (token) => {
        const page = await unhurried(call, () =>
          sns.listTopics(token ? { NextToken: token } : {}, options),
        );
        return { items: page.Topics, next: page.NextToken };
      });
      return byName(topics.map(({ TopicArn }) => TopicArn && plainName(TopicArn)));
    }
    case 'bucket': {
      const s3 = await aws.s3();
      const buckets = await everyItem(async (token) => {
        const page = await unhurried(call, () =>
          s3.listBuckets(
            {
              BucketRegion: aws.region,
              ...(token === undefined ? {} : { ContinuationToken: token }),
            },
            options,
          ),
        );
        return { items: page.Buckets, next: page.ContinuationToken };
      });
      return byName(buckets.map(({ Name }) => Name));
    }
    case 'stream': {
      const kinesis = await aws.kinesis();
      const names = await everyItem(async (token) => {
        const page = await unhurried(call, () =>
          kinesis.listStreams(token ? { NextToken: token } : {}, options),
        );
        return { items: page.StreamNames, next: page.NextToken };
      });
      return byName(names);
    }
    case 'table': {
      const dynamodb = await aws.dynamodb();
      const names = await everyItem(async (token) => {
        const page = await unhurried(call, () =>
          dynamodb.listTables(token ? { ExclusiveStartTableName: token } : {}, options),
        );
        return { items: page.TableNames, next: page.LastEvaluatedTableName };
      });
      return byName(names);
    }
    case 'bus':
      break;
  }
  return byName((await buses()).flatMap((bus) => (bus === DEFAULT_BUS ? [] : busName(bus))));
}
