import type { Delivered, IssueReport, RetryPolicy } from 'polyfaas/spi';
import { plainName } from '../arn.ts';
import { SOURCE_RULES, sourceProblem, type SourceRule } from './names.ts';

export function checkSource(
  report: IssueReport,
  field: string,
  rule: SourceRule,
  name: string,
  create: boolean,
): void {
  const problem = sourceProblem(rule, name, create);
  if (problem !== undefined) report.issue(field, problem);
}

/** @param isFifo What the dead-letter queue must be; FIFO queues give their messages to FIFO queues only. */
export function checkDeadLetter(report: IssueReport, event: Delivered, isFifo: boolean): void {
  const { deadLetter } = event;
  if (deadLetter === undefined) return;
  // A dead-letter queue with an ARN may stand beside a source that is made.
  checkSource(report, 'deadLetter', SOURCE_RULES.queue, deadLetter, false);
  const hasFifo = plainName(deadLetter).endsWith('.fifo');
  if (hasFifo === isFifo) return;
  report.issue(
    'deadLetter',
    isFifo
      ? `"${deadLetter}" is a standard queue, and a FIFO queue gives its dead letters to FIFO queues only. Name a queue that ends with ".fifo".`
      : `"${deadLetter}" is a FIFO queue, which cannot take these dead letters. Name a standard queue.`,
  );
}

/** Lambda repeats an asynchronous call twice at most (Lambda API reference, `MaximumRetryAttempts`). */
const MOST_ASYNC_ATTEMPTS = 3;

/** What is pushed to the function is delivered by Lambda's asynchronous invocation. */
export function checkAsyncRetry(report: IssueReport, { retry }: Delivered): void {
  if (retry.maxAttempts > MOST_ASYNC_ATTEMPTS) {
    report.issue(
      'retry.maxAttempts',
      `${retry.maxAttempts} is more than the ${MOST_ASYNC_ATTEMPTS} attempts that Lambda makes for what is pushed to it (1 to ${MOST_ASYNC_ATTEMPTS}). Lower it, and use deadLetter for what fails; or send the events to a queue first, which allows more.`,
    );
  }
  warnOfDelays(
    report,
    retry,
    'Lambda waits 1 minute before the second attempt and 2 before the third, and cannot be told otherwise',
  );
}

/** A shard is read again at once, with a delay of Lambda's own. */
export function warnOfStreamDelays(report: IssueReport, { retry }: Delivered): void {
  warnOfDelays(report, retry, 'Lambda chooses the delays when it reads a shard again');
}

/** Only delays that somebody asked for: the defaults are no wish. */
function warnOfDelays(report: IssueReport, retry: RetryPolicy, why: string): void {
  const isDefault =
    retry.delaySeconds === 1 &&
    retry.backoff === 'exponential' &&
    retry.maxDelaySeconds === 900 &&
    retry.jitter;
  if (isDefault || retry.maxAttempts === 1) return;
  report.warn(
    'ignored',
    'retry',
    `backoff, delaySeconds, maxDelaySeconds and jitter are ignored: ${why}. maxAttempts holds.`,
  );
}
