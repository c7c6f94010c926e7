/** Sources that the Functions host reads: queues, streams, tables. */
import type {
  IssueReport,
  NormalQueueEvent,
  NormalStreamEvent,
  NormalTableEvent,
  RetryPolicy,
} from 'polyfaas/spi';
import { registrationSeconds } from '../retry.ts';
import { checkDeadLetter, checkSource } from './issues.ts';
import { SOURCE_RULES } from './names.ts';

/** What a queue has that does not say. */
const DEFAULT_BATCH = 10;

export function checkQueue(report: IssueReport, event: NormalQueueEvent): void {
  const { queue, create } = event;
  checkSource(report, 'queue', SOURCE_RULES.queue, { name: queue, create });
  checkDeadLetter(report, event);
  if (event.batchSize > 1 && event.batchSize !== DEFAULT_BATCH) {
    report.warn(
      'emulated',
      'batchSize',
      `Azure Functions hands a handler one message at a time; of ${event.batchSize}, as many as 32 are worked on at once by one instance.`,
    );
  }
  warnOfWindow(report, event);
}

export function checkStream(report: IssueReport, event: NormalStreamEvent): void {
  const { stream, create } = event;
  checkSource(report, 'stream', SOURCE_RULES.stream, { name: stream, create });
  checkDeadLetter(report, event);
  warnOfGrowth(report, event.retry);
}

export function checkTable(report: IssueReport, event: NormalTableEvent): void {
  const { table, create } = event;
  checkSource(report, 'table', SOURCE_RULES.table, { name: table, create });
  checkDeadLetter(report, event);
  report.warn(
    'limit',
    'table',
    'the change feed of Cosmos DB tells inserts and changes, each with the row as it is now: no deletions, and no earlier state. Mark a row instead of deleting it where the function has to know.',
  );
  warnOfWindow(report, event);
  warnOfGrowth(report, event.retry);
}

function warnOfWindow(
  report: IssueReport,
  { batchWindowSeconds }: { readonly batchWindowSeconds: number },
): void {
  if (batchWindowSeconds === 0) return;
  report.warn(
    'ignored',
    'batchWindowSeconds',
    `${batchWindowSeconds} is ignored: Azure Functions does not wait for a batch of this source to fill. Set it to 0.`,
  );
}

/** Registrations know fixed delays, and those that double with a jitter of their own. */
function warnOfGrowth(
  report: IssueReport,
  { backoff, maxAttempts, delaySeconds, jitter }: RetryPolicy,
): void {
  if (maxAttempts === 1) return;
  if (backoff === 'linear') {
    report.warn(
      'ignored',
      'retry.backoff',
      `"linear" does not exist for this source on Azure: each delay is as long as the first, ${delaySeconds} s. Use "exponential" or "fixed".`,
    );
  }
  if (backoff === 'exponential' && !jitter) {
    report.warn(
      'ignored',
      'retry.jitter',
      'false is ignored: delays that double are spread by Azure Functions itself, a little. Use "fixed" where they have to be exact.',
    );
  }
  const whole = registrationSeconds(delaySeconds);
  if (whole !== delaySeconds) {
    report.warn(
      'rounded',
      'retry.delaySeconds',
      `${delaySeconds} is raised to ${whole}: Azure Functions waits whole seconds before it repeats a batch, and at least one.`,
    );
  }
}
