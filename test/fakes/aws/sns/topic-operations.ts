/** The operations of SNS on topics and their tags. */
import {
  objects,
  optionalText,
  optionalTextMap,
  optionalObjects,
  text,
  texts,
  type Input,
} from '../core/operation.ts';
import { invalidParameter, resourceNotFound, tagLimit } from './faults.ts';
import { page } from './page.ts';
import { checkArn, type Topic, type Topics } from './topics.ts';

type Operation = (input: Input) => object;

const MAX_TAGS = 50;
const SETTABLE = new Set([
  'ApplicationSuccessFeedbackRoleArn',
  'DataProtectionPolicy',
  'DeliveryPolicy',
  'DisplayName',
  'KmsMasterKeyId',
  'LambdaFailureFeedbackRoleArn',
  'LambdaSuccessFeedbackRoleArn',
  'LambdaSuccessFeedbackSampleRate',
  'Policy',
  'SignatureVersion',
  'TracingConfig',
]);

export function topicOperations(
  topics: Topics,
  account: string,
): Readonly<Record<string, Operation>> {
  const topicOf = (input: Input): Topic => topics.at(text(input, 'TopicArn'));
  const tagged = (input: Input): Topic => {
    const topic = topics.find(text(input, 'ResourceArn'));
    if (!topic) throw resourceNotFound();
    return topic;
  };
  return {
    CreateTopic: (input) => ({ TopicArn: createTopic(topics, input).arn }),

    DeleteTopic(input) {
      // A topic that is not there is as good as deleted.
      const arn = text(input, 'TopicArn');
      checkArn(arn, 'TopicArn');
      topics.remove(arn);
      return {};
    },

    ListTopics(input) {
      const { items, next } = page(topics.all(), optionalText(input, 'NextToken'));
      return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: next };
    },

    GetTopicAttributes(input) {
      const topic = topicOf(input);
      return { Attributes: toldAttributes(topics, topic, account) };
    },

    SetTopicAttributes(input) {
      const topic = topicOf(input);
      const name = text(input, 'AttributeName');
      const value = optionalText(input, 'AttributeValue') ?? '';
      if (!SETTABLE.has(name)) throw invalidParameter('AttributeName');
      checkAttribute(name, value);
      topic.attributes.set(name, value);
      return {};
    },

    TagResource(input) {
      const { tags } = tagged(input);
      setTags(tags, objects(input, 'Tags'));
      return {};
    },

    UntagResource(input) {
      const { tags } = tagged(input);
      for (const key of texts(input, 'TagKeys')) tags.delete(key);
      return {};
    },

    ListTagsForResource(input) {
      const { tags } = tagged(input);
      return { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) };
    },
  };
}

function createTopic(topics: Topics, input: Input): Topic {
  const name = text(input, 'Name');
  const attributes = new Map(Object.entries(optionalTextMap(input, 'Attributes') ?? {}));
  const given = optionalObjects(input, 'Tags') ?? [];
  if (name.endsWith('.fifo') || attributes.has('FifoTopic')) {
    throw invalidParameter('Attributes Reason: this fake has no FIFO topics');
  }
  if (!/^[\w-]{1,256}$/.test(name)) throw invalidParameter('Topic Name');
  for (const [key, value] of attributes) {
    if (!SETTABLE.has(key)) throw invalidParameter(`Attributes Reason: Unknown attribute: ${key}`);
    checkAttribute(key, value);
  }
  const tags = new Map<string, string>();
  setTags(tags, given);
  const arn = topics.arnOf(name);
  const existing = topics.find(arn);
  if (!existing) {
    const topic: Topic = { arn, name, attributes, tags };
    topics.add(topic);
    return topic;
  }
  if ([...attributes].some(([key, value]) => existing.attributes.get(key) !== value)) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
  if ([...tags].some(([key, value]) => existing.tags.get(key) !== value)) {
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
  }
  return existing;
}

function checkAttribute(name: string, value: string): void {
  if (name === 'DisplayName' && value.length > 100) throw invalidParameter('DisplayName');
  if (name === 'SignatureVersion' && value !== '1' && value !== '2') {
    throw invalidParameter('SignatureVersion');
  }
  if (name === 'Policy' || name === 'DeliveryPolicy') {
    try {
      JSON.parse(value);
    } catch {
      throw invalidParameter(`${name} failed to parse`);
    }
  }
}

function setTags(tags: Map<string, string>, given: readonly Input[]): void {
  for (const tag of given) {
    const key = text(tag, 'Key', { min: 1, max: 128 });
    if (key.startsWith('aws:')) throw invalidParameter('Tags Reason: aws: is reserved');
    tags.set(key, optionalText(tag, 'Value', { max: 256 }) ?? '');
  }
  if (tags.size > MAX_TAGS) throw tagLimit();
}

function toldAttributes(topics: Topics, topic: Topic, account: string): Map<string, string> {
  const policy = {
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['SNS:Publish', 'SNS:Subscribe'],
        Resource: topic.arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  };
  return new Map([
    ['TopicArn', topic.arn],
    ['Owner', account],
    ['Policy', JSON.stringify(policy)],
    ['DisplayName', ''],
    ['SubscriptionsConfirmed', String(topics.subscriptionsOf(topic.arn).length)],
    ['SubscriptionsPending', '0'],
    ['SubscriptionsDeleted', '0'],
    ...topic.attributes,
  ]);
}
