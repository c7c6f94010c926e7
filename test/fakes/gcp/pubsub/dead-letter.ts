/** What is published to a dead-letter topic. https://cloud.google.com/pubsub/docs/handling-failures#monitoring-and-troubleshooting */
import type { PublishedMessage } from '../core/ports.ts';
import { shortName } from './faults.ts';
import { publishedOf, type Message } from './message.ts';
import { projectOf } from './names.ts';

export function deadLetterOf(
  message: Message,
  subscription: string,
  attempts: number,
): PublishedMessage {
  const published = publishedOf(message);
  return {
    ...published,
    attributes: {
      ...published.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
      CloudPubSubDeadLetterSourceSubscription: shortName(subscription),
      CloudPubSubDeadLetterSourceSubscriptionProject: projectOf(subscription),
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishedMs)
        .toISOString()
        .replace('Z', '+00:00'),
    },
  };
}
