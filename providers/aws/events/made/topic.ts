import { topicArn } from '../arn.ts';
import { ifThere, unlessMissing } from '../failures.ts';
import { tagList, tagsOfList } from '../tags.ts';
import { subscriptionsOf } from '../topic/subscription.ts';
import type { MadeKind } from './kind.ts';

export const MADE_TOPIC: MadeKind = {
  keptBecause: 'it is in use',

  async tags({ aws, place, name, call }) {
    const sns = await aws.sns();
    const found = await ifThere(
      sns.listTagsForResource({ ResourceArn: topicArn(place, name) }, { abortSignal: call.signal }),
    );
    return found && tagsOfList(found.Tags);
  },

  async users({ aws, place, name, call }) {
    const all = await subscriptionsOf(await aws.sns(), topicArn(place, name), call);
    return all.map(({ Endpoint, SubscriptionArn }) => Endpoint ?? SubscriptionArn ?? '');
  },

  async delete({ aws, place, name, call }) {
    const sns = await aws.sns();
    await unlessMissing(
      sns.deleteTopic({ TopicArn: topicArn(place, name) }, { abortSignal: call.signal }),
    );
    return 'gone';
  },

  async retag({ aws, place, name, call }, set) {
    const sns = await aws.sns();
    await sns.tagResource(
      { ResourceArn: topicArn(place, name), Tags: tagList(set) },
      { abortSignal: call.signal },
    );
  },
};
