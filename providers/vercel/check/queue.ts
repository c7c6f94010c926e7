/** Events that come over Vercel Queues. */
import type { IssueReport, NormalQueueEvent, NormalTopicEvent } from 'polyfaas/spi';
import { checkRetry } from './retry.ts';
import { checkTopicName } from './topic.ts';

/** What a queue has that does not say. */
const DEFAULT_BATCH = 10;

export function checkQueue(report: IssueReport, event: NormalQueueEvent): void {
  const { queue, batchSize, batchWindowSeconds } = event;
  checkTopicName(report, 'queue', queue);
  checkDelivery(report, event, queue);
  if (batchSize > 1 && batchSize !== DEFAULT_BATCH) {
    report.warn(
      'ignored',
      'batchSize',
      `${batchSize} is ignored: Vercel Queues deliver one message at a time, and as many at once as instances take. Set it to 1.`,
    );
  }
  if (batchWindowSeconds > 0) {
    report.warn(
      'ignored',
      'batchWindowSeconds',
      `${batchWindowSeconds} is ignored: Vercel Queues do not wait for a batch to fill. Set it to 0.`,
    );
  }
}

export function checkTopic(report: IssueReport, event: NormalTopicEvent): void {
  checkTopicName(report, 'topic', event.topic);
  checkDelivery(report, event, event.topic);
}

function checkDelivery(
  report: IssueReport,
  { deadLetter, retry }: NormalQueueEvent | NormalTopicEvent,
  source: string,
): void {
  if (deadLetter !== undefined) {
    checkTopicName(report, 'deadLetter', deadLetter);
    if (deadLetter === source) {
      report.issue(
        'deadLetter',
        `"${deadLetter}" is where the messages come from: what fails would go round for ever. Name another one.`,
      );
    }
  }
  checkRetry(report, retry);
}
