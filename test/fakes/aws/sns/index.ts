/** Amazon SNS, as its clients see it on the wire. Standard topics; subscribers are functions and queues. */
import { objects, optionalText, text, type Input } from '../core/operation.ts';
import type { SnsPort, World } from '../core/ports.ts';
import { queryService } from '../core/query-protocol.ts';
import { AwsFault, type Service } from '../core/service.ts';
import { deliver, passes } from './deliver.ts';
import { batchFault, invalidParameter, topicNotFound } from './faults.ts';
import { plainMessage, readMessage, type Message } from './message.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { topicOperations } from './topic-operations.ts';
import { Topics } from './topics.ts';

export interface SnsService extends Service {
  readonly port: SnsPort;
}

const MAX_BATCH = 10;

export function createSnsService(world: World): SnsService {
  const topics = new Topics(world.region, world.account);

  function publish(topicArn: string, message: Message): string {
    for (const subscription of topics.subscriptionsOf(topicArn)) {
      if (passes(subscription, message)) deliver(world, subscription, message);
    }
    return message.id;
  }

  function publishInput(input: Input): object {
    const arn = optionalText(input, 'TopicArn') ?? optionalText(input, 'TargetArn');
    if (arn === undefined)
      throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
    refuseFifo(input);
    const message = readMessage(input, world.clock.now());
    return { MessageId: publish(topics.at(arn).arn, message) };
  }

  function publishBatch(input: Input): object {
    const topic = topics.at(text(input, 'TopicArn'));
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const entry of readEntries(input)) {
      const Id = text(entry, 'Id');
      try {
        refuseFifo(entry);
        const message = readMessage(entry, world.clock.now());
        Successful.push({ Id, MessageId: publish(topic.arn, message) });
      } catch (error) {
        if (!(error instanceof AwsFault)) throw error;
        Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, Failed };
  }

  const service = queryService({
    id: 'sns',
    namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    operations: {
      ...topicOperations(topics, world.account),
      ...subscriptionOperations(topics, world.account),
      Publish: publishInput,
      PublishBatch: publishBatch,
    },
    inventory: () => [
      ...topics.all().map(({ name }) => `sns topic ${name}`),
      ...topics
        .subscriptions()
        .map(({ topicArn, endpoint }) => `sns subscription ${topicArn} ${endpoint}`)
        .toSorted(),
    ],
    // The right to publish covers the batch.
    action: (operation) => `sns:${operation === 'PublishBatch' ? 'Publish' : operation}`,
    resource: (_operation, input) => resourceOf(topics, input),
  });

  return {
    ...service,
    port: {
      exists: (arn) => topics.find(arn) !== undefined,
      arnOf: (name) => topics.arnOf(name),
      publish(arn, message, options = {}) {
        if (!topics.find(arn)) throw topicNotFound();
        return { messageId: publish(arn, plainMessage(message, world.clock.now(), options)) };
      },
    },
  };
}

function readEntries(input: Input): readonly Input[] {
  const entries = objects(input, 'PublishBatchRequestEntries');
  if (entries.length === 0) {
    throw batchFault('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  }
  if (entries.length > MAX_BATCH) {
    throw batchFault(
      'TooManyEntriesInBatchRequest',
      'The batch request contains more entries than permissible.',
    );
  }
  const ids = entries.map((entry) => text(entry, 'Id'));
  if (new Set(ids).size < ids.length) {
    throw batchFault(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
    );
  }
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id))) {
    throw batchFault(
      'InvalidBatchEntryId',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    );
  }
  return entries;
}

function refuseFifo(input: Input): void {
  if (input['MessageDeduplicationId'] !== undefined) {
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
}

function resourceOf(topics: Topics, input: Input): string {
  const { TopicArn, TargetArn, ResourceArn, SubscriptionArn, Name } = input;
  for (const arn of [TopicArn, TargetArn, ResourceArn]) if (typeof arn === 'string') return arn;
  if (typeof SubscriptionArn === 'string') return SubscriptionArn.split(':').slice(0, 6).join(':');
  return typeof Name === 'string' ? topics.arnOf(Name) : '*';
}
