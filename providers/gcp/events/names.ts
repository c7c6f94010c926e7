/**
 * Names of what stands between a source and the function. They follow from the function, the binding, and what of it cannot
 * be changed in place: a change of that makes a new thing before the old one goes.
 */
import { digestOf } from 'polyfaas/spi';
import type { Target } from '../model.ts';

type Named = Pick<Target, 'projectId' | 'location' | 'physicalName'>;

/** Ids of Eventarc triggers: lower case, at most 63 characters (Eventarc API, `triggers.create`, `triggerId`). */
const TRIGGER_LENGTH = 63;

/** @param fixed what cannot be changed in place */
export function ownId(
  { physicalName }: Pick<Named, 'physicalName'>,
  bindingId: string,
  fixed: object,
): string {
  // Without the function's name "a-b" with "c" and "a" with "b-c" would come out the same.
  return `polyfaas-${physicalName}-${bindingId}-${fixedHash({ physicalName, ...fixed })}`;
}

export function fixedHash(fixed: object): string {
  return digestOf(fixed).slice(0, 8);
}

export function topicName(projectId: string, id: string): string {
  return `projects/${projectId}/topics/${id}`;
}

export function subscriptionName(projectId: string, id: string): string {
  return `projects/${projectId}/subscriptions/${id}`;
}

export function jobName({ projectId, location, physicalName }: Named, bindingId: string): string {
  const id = ownId({ physicalName }, bindingId, { kind: 'schedule' });
  return `projects/${projectId}/locations/${location}/jobs/${id}`;
}

/** The place of a trigger is that of its database, which only Google knows: `-` stands for it. */
export function triggerName(
  { projectId, physicalName }: Named,
  bindingId: string,
  fixed: object,
): string {
  const hash = fixedHash({ physicalName, bindingId, ...fixed });
  const readable = `polyfaas-${physicalName}-${bindingId}`.toLowerCase().replaceAll('_', '-');
  const room = TRIGGER_LENGTH - hash.length - 1;
  const id = `${readable.slice(0, room).replace(/-+$/, '')}-${hash}`;
  return `projects/${projectId}/locations/-/triggers/${id}`;
}

/** Where Pub/Sub puts what a binding without a dead-letter queue gives up: a topic that nobody reads. */
export function droppedTopic({ projectId, physicalName }: Named): string {
  return topicName(projectId, `polyfaas-${physicalName}-dropped`);
}

/** The subscription of asynchronous invocations has the name of their topic. */
export function asyncSubscription({ asyncTopic }: Pick<Target, 'asyncTopic'>): string {
  return asyncTopic.replace('/topics/', '/subscriptions/');
}

/** The subscription that keeps what is sent to a dead-letter topic: it has the topic's name. */
export function lettersOf(topic: string): string {
  return topic.replace('/topics/', '/subscriptions/');
}

/** The last part of a full name. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** A full name as a path of an API. */
export function pathOf(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}
