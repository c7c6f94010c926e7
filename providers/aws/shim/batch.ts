/** Batches: what the handler answers, in Lambda's words. */
import type { OrderedResult, QueueBatch, QueueResult, ShimReply } from 'polyfaas/function';
import { type Fields, nameOfArn, textOf } from './json.ts';
import type { LambdaContext } from './lambda-context.ts';
import { attemptOf } from './normal/queue.ts';
import { decide, failedMessages, hide, withFollowers } from './retry/queue.ts';
import { type DeliveryPolicy, findPolicy } from './retry/policy.ts';

/** Items to deliver again; Lambda takes none for success. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface QueueParts {
  readonly context: LambdaContext;
  readonly run: (batch: QueueBatch) => Promise<ShimReply>;
  readonly warn: (message: string, thrown?: unknown) => void;
}

/** @throws what the handler threw, when all of the batch is to be delivered again. */
export async function serveQueue(
  records: readonly Fields[],
  batch: QueueBatch,
  parts: QueueParts,
): Promise<BatchAnswer> {
  const arn = textOf(records[0]?.['eventSourceARN']);
  const find = (): Promise<DeliveryPolicy | undefined> =>
    findPolicy({ kind: 'queue', name: nameOfArn(arn), arn }, parts.context).catch(
      (cause: unknown) => {
        parts.warn('The retry policy of the binding could not be read; the queue decides', cause);
        return undefined;
      },
    );
  const live = await withoutSpent(records, batch, find, parts);
  if (live.messages.length === 0) return failures([]);
  let failed: ReadonlySet<string>;
  let thrown: { readonly cause: unknown } | undefined;
  try {
    failed = retried(await parts.run(live));
  } catch (cause) {
    thrown = { cause };
    failed = new Set(live.messages.map(({ id }) => id));
  }
  if (failed.size === 0) return failures([]);
  const policy = await find();
  const kept = policy === undefined ? failed : await rest(records, batch, failed, policy, parts);
  const again = withFollowers(batch, kept);
  // A failure of all is told as one, so that Lambda counts it; a part of a batch can only be named.
  if (thrown !== undefined && again.size === batch.messages.length) throw thrown.cause;
  if (thrown !== undefined) parts.warn('The queue handler failed', thrown.cause);
  return failures([...again]);
}

/**
 * A delivery that ended with the instance (a timeout, too little memory) leaves nobody to drop the message. Without a
 * dead-letter queue this is where its deliveries end.
 */
async function withoutSpent(
  records: readonly Fields[],
  batch: QueueBatch,
  find: () => Promise<DeliveryPolicy | undefined>,
  { warn }: QueueParts,
): Promise<QueueBatch> {
  if (!records.some((record) => attemptOf(record) > 1)) return batch;
  const policy = await find();
  if (policy === undefined || policy.deadLetter !== undefined) return batch;
  const { maxAttempts } = policy.retry;
  const spent = batch.messages.filter(({ attempt }) => attempt > maxAttempts);
  if (spent.length === 0) return batch;
  warn(
    dropped(
      policy,
      spent.map(({ id }) => id),
    ),
  );
  return { ...batch, messages: batch.messages.filter(({ attempt }) => attempt <= maxAttempts) };
}

/** Hides what comes again for as long as the policy says. @returns the ids that come again. */
async function rest(
  records: readonly Fields[],
  batch: QueueBatch,
  failed: ReadonlySet<string>,
  policy: DeliveryPolicy,
  { warn }: QueueParts,
): Promise<ReadonlySet<string>> {
  const { redeliver, drop } = decide(failedMessages(records, failed), policy, Math.random);
  if (drop.length > 0) warn(dropped(policy, drop));
  const kept = new Set(redeliver.map(({ id }) => id));
  // As long as SQS hides one message of a group, it gives none of them: those behind must not hide longer.
  const followers = failedMessages(records, withFollowers(batch, kept))
    .filter(({ id }) => !kept.has(id))
    .map((message) => ({ ...message, delaySeconds: 0 }));
  const arn = textOf(records[0]?.['eventSourceARN']);
  await hide(arn, [...redeliver, ...followers]).catch((cause: unknown) =>
    warn('The delay before the next delivery could not be set; the queue decides', cause),
  );
  return kept;
}

function dropped({ bindingId, retry }: DeliveryPolicy, ids: readonly string[]): string {
  return `Dropped after ${retry.maxAttempts} attempts, for binding "${bindingId}" has no dead-letter queue: ${ids.join(', ')}`;
}

function retried(reply: ShimReply): ReadonlySet<string> {
  return new Set(isQueueResult(reply) ? reply.retry : []);
}

function isQueueResult(reply: ShimReply): reply is QueueResult {
  return typeof reply === 'object' && reply !== null && 'retry' in reply;
}

/** The answer of a stream or a table. */
export function orderedAnswer(reply: ShimReply): BatchAnswer {
  const from = isOrderedResult(reply) ? reply.retryFrom : undefined;
  return failures(from === undefined ? [] : [from]);
}

function isOrderedResult(reply: ShimReply): reply is OrderedResult {
  return typeof reply === 'object' && reply !== null && 'retryFrom' in reply;
}

function failures(ids: readonly string[]): BatchAnswer {
  return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) };
}
