/** Makes dead-letter queues: a topic, and a subscription of its name that keeps what is sent to it. */
import { objectAt, textAt } from '../../clients/json.ts';
import type { Executor } from '../../model.ts';
import { inputOf } from '../../step-input.ts';
import { DEAD_LETTER_KIND, EVENT_LABEL } from '../labels.ts';
import { lettersOf, pathOf } from '../names.ts';
import { isStatus, read, refusal, send } from '../rest.ts';
import { done, type Where } from '../steps.ts';

/** As long as Pub/Sub keeps messages at all ("Subscription properties", message retention). */
const RETENTION = '2678400s';

export const ensureDeadLetters: Executor = async (gcp, step, call) => {
  const { target, topic, labels } = inputOf<{
    readonly target: Where;
    readonly topic: string;
    readonly labels: Readonly<Record<string, string>>;
  }>(step);
  const put = async (path: string, body: object): Promise<'made' | 'there'> => {
    try {
      await send(gcp, { api: 'pubsub', method: 'PUT', path, body }, call);
      return 'made';
    } catch (error) {
      if (isStatus(error, 409)) return 'there';
      throw error;
    }
  };
  await put(`/v1/${pathOf(topic)}`, { labels });
  const name = lettersOf(topic);
  const path = `/v1/${pathOf(name)}`;
  const body = {
    topic,
    labels: { ...labels, [EVENT_LABEL.kind]: DEAD_LETTER_KIND },
    messageRetentionDuration: RETENTION,
    // Without a time to live it never ends, however long nobody looks at it.
    expirationPolicy: {},
  };
  if ((await put(path, body)) === 'made') return done();
  const found = objectAt(await read(gcp, { api: 'pubsub', path }, call));
  const present = textAt(found, 'topic');
  if (present === topic) return done();
  // What belonged to a topic of before, whose name was made anew, gets nothing any more.
  const isOrphan = present === '_deleted-topic_';
  const isOurs = textAt(found, 'labels', EVENT_LABEL.kind) === DEAD_LETTER_KIND;
  if (isOrphan && isOurs) {
    await send(gcp, { api: 'pubsub', method: 'DELETE', path }, call);
    await put(path, body);
    return done();
  }
  throw refusal(
    target,
    'ALREADY_EXISTS',
    `The subscription ${name} belongs to ${present ?? 'another topic'}, and not to ${topic}, whose dead letters it would keep. Delete it, or name another dead-letter queue.`,
  );
};
