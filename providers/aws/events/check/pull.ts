/** Sources that Lambda reads: queues, streams, tables. */
import type {
  IssueReport,
  NormalQueueEvent,
  NormalStreamEvent,
  NormalTableEvent,
} from 'polyfaas/spi';
import { plainName } from '../arn.ts';
import { queueWindowSeconds } from '../queue/plan.ts';
import { checkDeadLetter, checkSource, warnOfStreamDelays } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

/** Lambda API reference, `BatchSize`: at most 10 for FIFO queues. */
const FIFO_BATCH = 10;
/** SQS developer guide, "Dead-letter queues": `maxReceiveCount` 1 to 1,000. */
const MOST_RECEIVES = 1000;

export function checkQueue(report: IssueReport, event: NormalQueueEvent): void {
  checkSource(report, 'queue', SOURCE_RULES.queue, event.queue, event.create);
  const isFifo = plainName(event.queue).endsWith('.fifo');
  checkDeadLetter(report, event, isFifo);
  const windowSeconds = queueWindowSeconds(event);
  if (isFifo && event.batchSize > FIFO_BATCH) {
    report.issue(
      'batchSize',
      `${event.batchSize} is more than the ${FIFO_BATCH} messages that Lambda takes of a FIFO queue at once (1 to ${FIFO_BATCH}). Lower it.`,
    );
  } else if (isFifo && event.batchWindowSeconds > 0) {
    report.issue(
      'batchWindowSeconds',
      `${event.batchWindowSeconds} is not possible with a FIFO queue, which knows no batch window. Set it to 0.`,
    );
  } else if (windowSeconds !== event.batchWindowSeconds) {
    report.warn(
      'rounded',
      'batchWindowSeconds',
      `${event.batchWindowSeconds} is raised to ${windowSeconds}: batches of more than 10 messages need a window of at least 1 s. Set batchWindowSeconds to 1, or batchSize to 10 at most.`,
    );
  }
  if (event.deadLetter !== undefined && event.retry.maxAttempts > MOST_RECEIVES) {
    report.issue(
      'retry.maxAttempts',
      `${event.retry.maxAttempts} is more than the ${MOST_RECEIVES} deliveries after which SQS can give a message up (1 to ${MOST_RECEIVES}). Lower it.`,
    );
  }
}

export function checkStream(report: IssueReport, event: NormalStreamEvent): void {
  checkSource(report, 'stream', SOURCE_RULES.stream, event.stream, event.create);
  checkDeadLetter(report, event, false);
  warnOfStreamDelays(report, event);
}

export function checkTable(report: IssueReport, event: NormalTableEvent): void {
  checkSource(report, 'table', SOURCE_RULES.table, event.table, event.create);
  checkDeadLetter(report, event, false);
  warnOfStreamDelays(report, event);
}
