/** What the kinds of events are called here, and elsewhere. */
import { type EventKind, HANDLER_KINDS } from '../function/events.ts';
import { typoOf } from './nearest.ts';

const EVENT_TYPES = HANDLER_KINDS.filter((kind) => kind !== 'invoke');

/** The words of platforms and other tools, in small letters and digits alone. */
const ELSEWHERE: Readonly<Record<EventKind, readonly string[]>> = {
  http: ['api', 'apigateway', 'apigw', 'functionurl', 'httpapi', 'https', 'rest', 'url', 'webhook'],
  schedule: ['cloudscheduler', 'cron', 'rate', 'scheduler', 'timer', 'timertrigger'],
  queue: ['cloudtasks', 'queuestorage', 'servicebus', 'servicebusqueue', 'sqs', 'storagequeue'],
  topic: ['pubsub', 'servicebustopic', 'sns'],
  object: ['blob', 'blobstorage', 'bucket', 'cloudstorage', 'gcs', 's3', 'storage'],
  stream: ['eventhub', 'eventhubs', 'kafka', 'kinesis'],
  table: [
    'cosmos',
    'cosmosdb',
    'dynamo',
    'dynamodb',
    'dynamodbstream',
    'dynamodbstreams',
    'firestore',
  ],
  bus: ['cloudwatchevent', 'event', 'eventarc', 'eventbridge', 'eventbus', 'eventgrid'],
};

/** What to write as the `type` of an event that has none of ours: the one that is meant comes first. */
export function expectedType(event: unknown): string {
  const all = EVENT_TYPES.map((type) => `"${type}"`).join(', ');
  const given = typeof event === 'object' && event !== null && 'type' in event ? event.type : '';
  const meant =
    typeof given === 'string' ? (named(given) ?? typoOf(given, EVENT_TYPES)) : undefined;
  return meant === undefined ? `one of ${all}` : `"${meant}", which is the nearest of ${all}`;
}

function named(given: string): EventKind | undefined {
  const word = given
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  return EVENT_TYPES.find((type) => ELSEWHERE[type].includes(word));
}
