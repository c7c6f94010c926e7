/** The operations of SQS on queues. */
import {
  optionalInteger,
  optionalText,
  optionalTextMap,
  optionalTexts,
  type Input,
} from '../core/operation.ts';
import {
  checkAttribute,
  isKnownAttribute,
  READ_ONLY,
  readRedrive,
  sameValue,
  type AttributeScene,
} from './attributes.ts';
import {
  invalidAttributeName,
  invalidParameter,
  invalidValue,
  missingParameter,
  purgeInProgress,
  queueDoesNotExist,
  queueNameExists,
} from './faults.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { requiredText } from './send.ts';

type Operation = (input: Input) => object;

const PURGE_EVERY_MS = 60_000;
const MAX_TAGS = 50;
const NAME_RULE =
  'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
const FIFO_NAME_RULE =
  'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.';

export function queueOperations(queues: Queues): Readonly<Record<string, Operation>> {
  const queueOf = (input: Input): Queue => queues.byUrl(requiredText(input, 'QueueUrl'));
  return {
    CreateQueue: (input) => ({ QueueUrl: queues.urlOf(createQueue(queues, input)) }),

    GetQueueUrl(input) {
      const queue = queues.named(requiredText(input, 'QueueName'));
      const owner = optionalText(input, 'QueueOwnerAWSAccountId');
      if (!queue || (owner !== undefined && owner !== queues.account)) throw queueDoesNotExist();
      return { QueueUrl: queues.urlOf(queue) };
    },

    GetQueueAttributes(input) {
      const queue = queueOf(input);
      const Attributes = readAttributes(queue, optionalTexts(input, 'AttributeNames') ?? []);
      return Object.keys(Attributes).length > 0 ? { Attributes } : {};
    },

    SetQueueAttributes(input) {
      const queue = queueOf(input);
      const attributes = optionalTextMap(input, 'Attributes');
      if (!attributes) throw missingParameter('Attributes');
      checkAttributes(queues, queue.name, attributes);
      if (attributes['FifoQueue'] !== undefined) throw invalidAttributeName('FifoQueue');
      apply(queues, queue, attributes);
      queue.modifiedAt = queues.clock.now();
      // The time at which a message is given up, or visible, may be another now.
      queues.notify(queue.arn);
      return {};
    },

    DeleteQueue(input) {
      queues.remove(queueOf(input));
      return {};
    },

    ListQueues(input) {
      const prefix = optionalText(input, 'QueueNamePrefix') ?? '';
      const found = queues.all().filter((queue) => queue.name.startsWith(prefix));
      const page = paged(found, input);
      const urls = page.items.map((queue) => queues.urlOf(queue));
      return { ...(urls.length > 0 && { QueueUrls: urls }), NextToken: page.next };
    },

    ListDeadLetterSourceQueues(input) {
      const { arn } = queueOf(input);
      const found = queues
        .all()
        .filter((queue) => readRedrive(queue.attributes.get('RedrivePolicy'))?.target === arn);
      const page = paged(found, input);
      return { queueUrls: page.items.map((queue) => queues.urlOf(queue)), NextToken: page.next };
    },

    PurgeQueue(input) {
      const queue = queueOf(input);
      const now = queues.clock.now();
      if (now - queue.purgedAt < PURGE_EVERY_MS) throw purgeInProgress(queue.name);
      queue.purgedAt = now;
      queue.clear();
      return {};
    },

    TagQueue(input) {
      const queue = queueOf(input);
      const tags = optionalTextMap(input, 'Tags');
      if (!tags) throw missingParameter('Tags');
      checkTags(new Map([...queue.tags, ...Object.entries(tags)]));
      for (const [key, value] of Object.entries(tags)) queue.tags.set(key, value);
      return {};
    },

    UntagQueue(input) {
      const queue = queueOf(input);
      const keys = optionalTexts(input, 'TagKeys');
      if (!keys) throw missingParameter('TagKeys');
      for (const key of keys) queue.tags.delete(key);
      return {};
    },

    ListQueueTags(input) {
      const { tags } = queueOf(input);
      return tags.size > 0 ? { Tags: Object.fromEntries(tags) } : {};
    },
  };
}

function createQueue(queues: Queues, input: Input): Queue {
  const name = requiredText(input, 'QueueName');
  const attributes = optionalTextMap(input, 'Attributes') ?? {};
  // On the wire this member has a small letter.
  const tags = optionalTextMap(input, 'tags') ?? {};
  checkName(name, attributes['FifoQueue']);
  checkAttributes(queues, name, attributes);
  const existing = queues.named(name);
  if (existing) {
    for (const [key, value] of Object.entries(attributes)) {
      if (!sameValue(key, existing.attributes.get(key), value)) throw queueNameExists(key);
    }
    return existing;
  }
  queues.checkFree(name);
  checkTags(new Map(Object.entries(tags)));
  const queue = queues.create(name, tags);
  apply(queues, queue, attributes);
  return queue;
}

function checkName(name: string, fifo: string | undefined): void {
  const isFifoName = name.endsWith('.fifo');
  if (fifo === 'true' && !isFifoName) throw invalidParameter(FIFO_NAME_RULE);
  if (isFifoName && fifo !== 'true') throw invalidParameter(NAME_RULE);
  if (!/^[\w-]{1,80}$/.test(name.replace(/\.fifo$/, '_fifo'))) {
    throw invalidParameter(fifo === 'true' ? FIFO_NAME_RULE : NAME_RULE);
  }
}

function checkAttributes(
  queues: Queues,
  name: string,
  attributes: Readonly<Record<string, string>>,
): void {
  const scene: AttributeScene = {
    arn: queues.arnOf(name),
    isFifo: name.endsWith('.fifo'),
    find: (arn) => queues.find(arn),
  };
  for (const [key, value] of Object.entries(attributes)) checkAttribute(key, value, scene);
  if (attributes['SqsManagedSseEnabled'] === 'true' && attributes['KmsMasterKeyId']) {
    throw invalidParameter(
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    );
  }
}

function apply(queues: Queues, queue: Queue, attributes: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === '') queue.attributes.delete(key);
    else queue.attributes.set(key, value);
  }
  if (attributes['KmsMasterKeyId']) queue.attributes.set('SqsManagedSseEnabled', 'false');
  queues.notify(queue.arn);
}

/** Empty when no name is given. */
function readAttributes(queue: Queue, names: readonly string[]): Record<string, string> {
  const unknown = names.find((name) => name !== 'All' && !isKnownAttribute(name));
  if (unknown !== undefined) throw invalidAttributeName(unknown);
  const { visible, hidden, delayed } = queue.counts();
  const computed: Readonly<Record<(typeof READ_ONLY)[number], string>> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(hidden),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  };
  const all = [...Object.entries(computed), ...queue.attributes];
  return Object.fromEntries(
    names.includes('All') ? all : all.filter(([name]) => names.includes(name)),
  );
}

function checkTags(tags: ReadonlyMap<string, string>): void {
  if (tags.size > MAX_TAGS) {
    throw invalidParameter(`Too many tags added for queue. Maximum allowed: ${MAX_TAGS}.`);
  }
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128 || key.startsWith('aws:') || value.length > 256) {
      throw invalidParameter(`Tag key ${key} or its value is invalid.`);
    }
  }
}

function paged(
  found: readonly Queue[],
  input: Input,
): { readonly items: readonly Queue[]; readonly next: string | undefined } {
  const max = optionalInteger(input, 'MaxResults');
  const token = optionalText(input, 'NextToken');
  if (max !== undefined && (max < 1 || max > 1000)) {
    throw invalidValue('MaxResults', max, 'Must be between 1 and 1000, if provided.');
  }
  const from = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString('utf8'));
  if (!Number.isInteger(from)) throw invalidParameter('Invalid or expired next token.');
  const end = from + (max ?? 1000);
  // Without MaxResults there is no next page, as the service does it.
  const hasNext = max !== undefined && end < found.length;
  return {
    items: found.slice(from, end),
    next: hasNext ? Buffer.from(String(end)).toString('base64') : undefined,
  };
}
