import type { Executor } from '../../model.ts';
import { placeOf, topicArn } from '../arn.ts';
import { ifThere, refusal } from '../failures.ts';
import { done, inputOf } from '../steps.ts';
import { ownerTags, tagList } from '../tags.ts';

interface TopicWish {
  readonly topic: string;
  readonly create: boolean;
  readonly bindingId: string;
  /** Only looks. */
  readonly dry?: boolean;
}

/** Makes the topic, or finds it. */
export const ensureTopic: Executor = async (aws, step, call) => {
  const { target, topic, create, bindingId, dry = false } = inputOf<TopicWish>(step);
  const sns = await aws.sns();
  const arn = topicArn(placeOf(target), topic);
  // Looked for first: CreateTopic refuses a topic that is there with other tags.
  const found = await ifThere(
    sns.getTopicAttributes({ TopicArn: arn }, { abortSignal: call.signal }),
  );
  if (found !== undefined) return done();
  if (!create) {
    throw refusal(
      target,
      'NOT_FOUND',
      `events.${bindingId}.topic: there is no topic "${topic}" in this account and region. Make it, correct its name, or set create: true to have it made.`,
    );
  }
  if (dry) return done();
  await sns.createTopic(
    { Name: topic, Tags: tagList(ownerTags(target)) },
    { abortSignal: call.signal },
  );
  return done();
};
