import type { Delivered, IssueReport, RetryPolicy } from 'polyfaas/spi';
import { LONGEST_DELAY_SECONDS, MOST_POLICY_ATTEMPTS } from '../retry.ts';
import { isNative } from '../source.ts';
import { SOURCE_RULES, type SourceRule } from './names.ts';

export function checkSource(
  report: IssueReport,
  field: string,
  rule: SourceRule,
  { name, create }: { readonly name: string; readonly create: boolean },
): void {
  const problem = sourceProblem(rule, name, create);
  if (problem !== undefined) report.issue(field, problem);
}

function sourceProblem(rule: SourceRule, name: string, create: boolean): string | undefined {
  if (!isNative(name)) {
    if (rule.pattern.test(name)) return undefined;
    return `"${name}" is no name that Google Cloud takes: ${rule.rule}. Choose another name, or give a full name such as ${rule.example}.`;
  }
  const id = name.slice(name.lastIndexOf('/') + 1);
  if (!rule.fullName.test(name) || !rule.pattern.test(id)) {
    return `"${name}" is no full name of this kind of source. Give one such as ${rule.example}, or a plain name.`;
  }
  return create
    ? `"${name}" is a full name, and "create" makes sources by plain name. Give the plain name, or set create to false.`
    : undefined;
}

/** The dead-letter queue, and the retries that lead to it. */
export function checkDelivery(report: IssueReport, { deadLetter, retry }: Delivered): void {
  if (deadLetter !== undefined) {
    // A dead-letter queue with a full name may stand beside a source that is made.
    checkSource(report, 'deadLetter', SOURCE_RULES.queue, { name: deadLetter, create: false });
  }
  checkRetry(report, retry);
}

/** Pub/Sub: "Subscription retry policy" and "Dead-letter topics". */
export function checkRetry(report: IssueReport, retry: RetryPolicy, field = 'retry'): void {
  const { maxAttempts, backoff, delaySeconds, maxDelaySeconds } = retry;
  if (maxAttempts > MOST_POLICY_ATTEMPTS) {
    report.issue(
      `${field}.maxAttempts`,
      `${maxAttempts} is more than the ${MOST_POLICY_ATTEMPTS} attempts that can be counted of a message on Pub/Sub. Set it to 1 to ${MOST_POLICY_ATTEMPTS}, and raise retry.delaySeconds where they are to reach further.`,
    );
  }
  if (delaySeconds > LONGEST_DELAY_SECONDS) {
    report.issue(
      `${field}.delaySeconds`,
      `${delaySeconds} is more than the ${LONGEST_DELAY_SECONDS} s that Pub/Sub waits between two attempts at most. Set it to 0 to ${LONGEST_DELAY_SECONDS}; for longer pauses, have a schedule work off a dead-letter queue.`,
    );
    return;
  }
  if (maxAttempts === 1) return;
  const longest = longestDelay(retry);
  if (longest > LONGEST_DELAY_SECONDS) {
    report.warn(
      'rounded',
      `${field}.maxDelaySeconds`,
      `delays of up to ${Math.min(longest, maxDelaySeconds)} s are cut to ${LONGEST_DELAY_SECONDS} s, the longest that Pub/Sub has.`,
    );
  }
  if (backoff === 'linear') {
    report.warn(
      'emulated',
      `${field}.backoff`,
      'delays that grow evenly do not exist on Pub/Sub: they grow exponentially, from the first to what the last one would be. Use "exponential" or "fixed".',
    );
  }
  if (retry.jitter && asksForDelays(retry)) {
    report.warn(
      'ignored',
      `${field}.jitter`,
      'is ignored: Pub/Sub spreads delays by itself, a little. Set jitter to false.',
    );
  }
}

/** How long the last delay would be. */
function longestDelay({
  backoff,
  delaySeconds,
  maxDelaySeconds,
  maxAttempts,
}: RetryPolicy): number {
  const delays = maxAttempts - 1;
  const growth = { exponential: 2 ** (delays - 1), linear: delays, fixed: 1 }[backoff];
  return Math.min(maxDelaySeconds, delaySeconds * growth);
}

/** Only delays that somebody asked for: the defaults are no wish. */
function asksForDelays(retry: RetryPolicy): boolean {
  return (
    retry.delaySeconds !== 1 || retry.backoff !== 'exponential' || retry.maxDelaySeconds !== 900
  );
}
