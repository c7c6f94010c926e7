/** What SQS lacks: delays that grow, and an end to deliveries where there is no dead-letter queue. */
import type { QueueBatch } from 'polyfaas/function';
import { queueUrl, sqsClient } from '../clients.ts';
import { type Fields, textOf } from '../json.ts';
import { attemptOf } from '../normal/queue.ts';
import { queueDelaySeconds } from './delay.ts';
import type { DeliveryPolicy } from './policy.ts';

/** A message that failed, as far as its redelivery is concerned. */
export interface FailedMessage {
  readonly id: string;
  readonly receiptHandle: string;
  /** This one counted. */
  readonly attempt: number;
}

/** What becomes of failed messages. */
export interface QueueDecision {
  readonly redeliver: readonly (FailedMessage & { readonly delaySeconds: number })[];
  /** Ids of those that were delivered often enough, with no dead-letter queue to go to. */
  readonly drop: readonly string[];
}

/** Pure. A message that goes to its dead-letter queue is let go at once: SQS moves it when it is next asked for. */
export function decide(
  failed: readonly FailedMessage[],
  policy: DeliveryPolicy,
  random: () => number,
): QueueDecision {
  const { retry, deadLetter } = policy;
  const isSpent = ({ attempt }: FailedMessage): boolean => attempt >= retry.maxAttempts;
  return {
    redeliver: failed
      .filter((message) => deadLetter !== undefined || !isSpent(message))
      .map((message) => ({
        ...message,
        delaySeconds: isSpent(message) ? 0 : queueDelaySeconds(retry, message.attempt, random()),
      })),
    drop: deadLetter === undefined ? failed.filter(isSpent).map(({ id }) => id) : [],
  };
}

/**
 * Ids that must not be acknowledged: those that failed and, on a queue that orders, all behind them in their group.
 */
export function withFollowers(batch: QueueBatch, failed: ReadonlySet<string>): Set<string> {
  const all = new Set(failed);
  const blocked = new Set<string>();
  for (const { id, group } of batch.messages) {
    if (group === undefined) continue;
    if (all.has(id)) blocked.add(group);
    else if (blocked.has(group)) all.add(id);
  }
  return all;
}

export function failedMessages(
  records: readonly Fields[],
  ids: ReadonlySet<string>,
): readonly FailedMessage[] {
  return records
    .map((record) => ({
      id: textOf(record['messageId']),
      receiptHandle: textOf(record['receiptHandle']),
      attempt: attemptOf(record),
    }))
    .filter(({ id }) => ids.has(id));
}

/** SQS takes ten changes at a time. */
const CHANGES_AT_ONCE = 10;

/** Hides messages for as long as was decided. */
export async function hide(arn: string, messages: QueueDecision['redeliver']): Promise<void> {
  const groups: QueueDecision['redeliver'][] = [];
  for (let from = 0; from < messages.length; from += CHANGES_AT_ONCE) {
    groups.push(messages.slice(from, from + CHANGES_AT_ONCE));
  }
  const replies = await Promise.all(
    groups.map((group) =>
      sqsClient().changeMessageVisibilityBatch({
        QueueUrl: queueUrl(arn),
        Entries: group.map(({ receiptHandle, delaySeconds }, index) => ({
          Id: String(index),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: delaySeconds,
        })),
      }),
    ),
  );
  const refused = replies.flatMap(({ Failed }) => Failed ?? [])[0];
  if (refused !== undefined) {
    throw new Error(
      `SQS refused to hide a message: ${refused.Code ?? ''} ${refused.Message ?? ''}`,
    );
  }
}
