/** Names of topics and subscriptions. https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
import { invalidName } from './faults.ts';

export type Kind = 'topics' | 'subscriptions';

/** What a subscription has for its topic, and a policy for its dead-letter topic, once that is gone. */
export const DELETED_TOPIC = '_deleted-topic_';

const ID = /^(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/;

/** @param field of the request: `name`, `topic`, `dead_letter_topic` */
export function checkName(kind: Kind, name: string, field: string): void {
  const [projects, project, found, id, ...more] = name.split('/');
  const isPath = projects === 'projects' && project !== '' && found === kind && more.length === 0;
  if (!isPath || id === undefined || !ID.test(id)) throw invalidName(field, name);
}

export function projectOf(name: string): string {
  return name.split('/')[1] ?? '';
}
